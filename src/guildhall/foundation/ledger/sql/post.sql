-- The ledger's one entry point. A batch of n items in parallel arrays; answers in the same order:
-- the code of guildhall.foundation.ledger.states.Code, plus 64 where the key was known (a duplicate).
--
-- First the optimistic road: insert all, update all accounts in id order, look at what balances were. If at every
-- account all debits of the batch fit what was available before its credits, no item could be refused.
-- In doubt the subtransaction is undone and `ledger_post_exactly` decides item by item.
-- Plan: with the settings below every join is a nested loop over the arrays into a primary key, in id order.
create or replace function ledger_post(
    keys uuid[], debits bigint[], credits bigint[], amounts bigint[], phases text[], settled uuid[],
    linked boolean[], expiries timestamptz[], memos text[], decision bigint, business timestamptz, optimistic boolean
) returns smallint[]
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_variable
declare
    n constant integer := cardinality(keys);
    fine boolean;
begin
    if n = 0 then
        return '{}';
    end if;
    if optimistic and not true = any (linked) and array_remove(settled, null) = '{}' then
        begin
            insert into ledger_transfer
                (key, code, debit_id, credit_id, amount, phase, expires_at, memo, decision_id, at, business_at)
            select u.k, 0, u.d, u.c, u.am, u.ph, u.ex, u.me, decision, now(), business
            from unnest(keys, debits, credits, amounts, phases, expiries, memos) u (k, d, c, am, ph, ex, me);

            with one as (
                select u.d as id, u.am as o,
                       case when u.ph = 'posted' then -u.am else 0 end as p,
                       case when u.ph = 'pending' then u.am else 0 end as r, 0 as i
                from unnest(debits, amounts, phases) u (d, am, ph)
                union all
                select u.c, 0, case when u.ph = 'posted' then u.am else 0 end,
                       0, case when u.ph = 'pending' then u.am else 0 end
                from unnest(credits, amounts, phases) u (c, am, ph)
            ), delta as materialized (
                select one.id, sum(one.o)::bigint as o, sum(one.p)::bigint as p, sum(one.r)::bigint as r, sum(one.i)::bigint as i
                from one group by one.id order by one.id
            ), up as (
                update ledger_account a
                set posted = a.posted + d.p, reserved = a.reserved + d.r, incoming = a.incoming + d.i
                from delta d where a.id = d.id
                returning old.posted - old.reserved - old.floor >= d.o and not old.closed as fine
            )
            select coalesce(bool_and(up.fine), false) and count(*) = (select count(*) from delta) into fine from up;
            if fine is true then
                return array_fill(0::smallint, array[n]);
            end if;
            raise exception using errcode = 'LG001';
        exception when sqlstate 'LG001' or unique_violation or check_violation or not_null_violation
                  or numeric_value_out_of_range or deadlock_detected then
            null;  -- Undone. The exact loop answers.
        end;
    end if;
    for attempt in 1 .. 20 loop
        begin
            return ledger_post_exactly(
                keys, debits, credits, amounts, phases, settled, linked, expiries, memos, decision, business
            );
        exception when sqlstate 'LG002' or unique_violation or deadlock_detected then
            -- A key raced by another batch, a reservation between first look and locks, or a deadlock: look again.
            if attempt = 20 then
                raise;
            end if;
        end;
    end loop;
end
$$
