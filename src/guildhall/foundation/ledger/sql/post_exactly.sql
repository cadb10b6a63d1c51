-- The exact loop: equal, item by item, to a sequential model. Locks first, in id order; balances, recorded answers and
-- named reservations are read only after the wait. Accounts and keys are numbered densely (no join inside the loop);
-- item i moves p (posted) and h (held) from debit to credit, so undoing a chain is the same with the sign turned.
create or replace function ledger_post_exactly(
    keys uuid[], debits bigint[], credits bigint[], amounts bigint[], phases text[], settled uuid[],
    linked boolean[], expiries timestamptz[], memos text[], decision bigint, business timestamptz
) returns smallint[]
language plpgsql
as $$
#variable_conflict use_variable
declare
    n constant integer := cardinality(keys);
    locked bigint[];        -- Account ids, ascending; all below with a_ run beside it.
    a_free bigint[];        -- posted - reserved - floor; NULL where there is no such account.
    a_closed boolean[];
    a_posted bigint[];      -- What the batch changes.
    a_reserved bigint[];
    a_incoming bigint[];
    a_rank integer[];       -- n debits, n credits, m debits and m credits of named reservations, as places in `locked`.
    widest integer;
    m integer;              -- Distinct keys asked or named; all below with k_ run beside them in key order.
    k_code smallint[];
    k_body text[];
    k_amount bigint[];
    k_phase text[];
    k_expires timestamptz[];
    k_settled boolean[];
    k_debit bigint[];
    k_credit bigint[];
    k_rank integer[];       -- n keys, then n settled keys, as places among the distinct keys.
    bodies text[];
    answers smallint[] := array_fill(0::smallint, array[n]);
    fresh boolean[] := array_fill(false, array[n]);    -- The key was not known: this item writes its row.
    twice boolean[] := array_fill(false, array[n]);    -- Known with the same body: a duplicate.
    from_place integer[] := array_fill(0, array[n]);
    to_place integer[] := array_fill(0, array[n]);
    p bigint[] := array_fill(0::bigint, array[n]);
    h bigint[] := array_fill(0::bigint, array[n]);
    out_amount bigint[] := amounts;
    chain integer := 1;     -- Where the current chain began.
    broken boolean := false;
    k integer;
    s integer;
    d integer;
    c integer;
    code smallint;
begin
    select coalesce(array_agg(w.id order by w.id), '{}') into locked
    from (
        select unnest(debits) as id union select unnest(credits)
        union select t.debit_id from unnest(settled) u (key) join ledger_transfer t on t.key = u.key where t.phase = 'pending'
        union select t.credit_id from unnest(settled) u (key) join ledger_transfer t on t.key = u.key where t.phase = 'pending'
    ) w where w.id is not null;
    perform 1 from ledger_account a where a.id = any (locked) order by a.id for no key update;

    -- Each statement from here on has a snapshot younger than the locks (READ COMMITTED).
    select array_agg(f.code), array_agg(f.body), array_agg(f.amount), array_agg(f.phase), array_agg(f.expires_at),
           array_agg(f.settled), array_agg(f.debit_id), array_agg(f.credit_id), count(*)
    into k_code, k_body, k_amount, k_phase, k_expires, k_settled, k_debit, k_credit, m
    from (
        select t.code, t.amount, t.phase, t.expires_at,
               case when t.code = 0 then ledger_body(
                   case when t.settles_id is null then t.debit_id end, case when t.settles_id is null then t.credit_id end,
                   case when t.phase <> 'voided' then t.amount end, t.phase, t.settles_id, t.expires_at, t.memo
               ) else t.asked end as body,
               b.key is not null as settled,  -- A join: EXISTS would be hashed over the whole table.
               case when q.named and t.phase = 'pending' then t.debit_id end as debit_id,
               case when q.named and t.phase = 'pending' then t.credit_id end as credit_id
        from (
            select w.key, bool_or(w.named) as named
            from (select unnest(keys) as key, false as named union all select unnest(settled), true) w
            where w.key is not null group by w.key
        ) q left join ledger_transfer t on t.key = q.key
        left join ledger_transfer b on b.settles_id = q.key and q.named
        order by q.key
    ) f;
    select array_agg(w.place order by w.side, w.i) into k_rank
    from (
        select b.side, b.i, dense_rank() over (order by b.key) as place
        from (
            select 1 as side, u.i, u.key from unnest(keys) with ordinality u (key, i)
            union all select 2, u.i, u.key from unnest(settled) with ordinality u (key, i)
        ) b
    ) w;
    select array_agg(w.place order by w.side, w.i), max(w.place) filter (where w.id is not null) into a_rank, widest
    from (
        select b.side, b.i, b.id, dense_rank() over (order by b.id) as place  -- NULL ranks last, past every array's end.
        from (
            select 1 as side, u.i, u.id from unnest(debits) with ordinality u (id, i)
            union all select 2, u.i, u.id from unnest(credits) with ordinality u (id, i)
            union all select 3, u.i, u.id from unnest(k_debit) with ordinality u (id, i)
            union all select 4, u.i, u.id from unnest(k_credit) with ordinality u (id, i)
        ) b
    ) w;
    if coalesce(widest, 0) <> cardinality(locked) then
        raise exception using errcode = 'LG002';
    end if;
    select array_agg(f.free), array_agg(f.closed) into a_free, a_closed
    from (
        select a.posted - a.reserved - a.floor as free, a.closed
        from unnest(locked) with ordinality l (id, i) left join ledger_account a on a.id = l.id order by l.i
    ) f;
    a_posted := array_fill(0::bigint, array[cardinality(locked)]);
    a_reserved := a_posted;
    a_incoming := a_posted;
    select array_agg(ledger_body(u.d, u.c, u.am, u.ph, u.se, u.ex, u.me)) into bodies
    from unnest(debits, credits, amounts, phases, settled, expiries, memos) u (d, c, am, ph, se, ex, me);

    for i in 1 .. n loop
        k := k_rank[i];
        s := k_rank[n + i];
        if i > 1 and not linked[i - 1] then
            chain := i;
            broken := false;
        end if;
        if k_code[k] is not null then
            twice[i] := k_body[k] = bodies[i];
            code := case when twice[i] then k_code[k] else 1 end;  -- key_reused
        else
            fresh[i] := true;
            code := 0;
            if broken then
                code := 10;  -- linked_failed
            elsif i = n and linked[i] then
                code := 11;  -- chain_open
            elsif settled[i] is null then
                d := a_rank[i];
                c := a_rank[n + i];
                if amounts[i] is null or amounts[i] <= 0 or amounts[i] > 1000000000000000 or debits[i] is null or credits[i] is null
                   or d = c or phases[i] is null or phases[i] not in ('posted', 'pending')
                   or (expiries[i] is not null and phases[i] <> 'pending') then
                    code := 2;  -- bad_item
                elsif a_free[d] is null or a_free[c] is null then
                    code := 3;  -- unknown_account
                elsif a_closed[d] or a_closed[c] then
                    code := 4;  -- closed_account
                elsif expiries[i] <= business then
                    code := 5;  -- expired
                elsif amounts[i] > a_free[d] then
                    code := 6;  -- insufficient
                elsif phases[i] = 'posted' then
                    p[i] := amounts[i];
                else
                    h[i] := amounts[i];
                end if;
            elsif debits[i] is not null or credits[i] is not null or expiries[i] is not null
                  or phases[i] is null or phases[i] not in ('posted', 'voided')
                  or (phases[i] = 'posted') <> (amounts[i] is not null)
                  or amounts[i] <= 0 or amounts[i] > 1000000000000000 then
                code := 2;
            elsif k_code[s] is distinct from 0 or k_phase[s] <> 'pending' then
                code := 7;  -- unknown_pending
            elsif k_settled[s] then
                code := 8;  -- already_settled
            elsif phases[i] = 'posted' and k_expires[s] <= business then
                code := 5;
            elsif amounts[i] > k_amount[s] then
                code := 9;  -- over_amount
            else
                d := a_rank[2 * n + s];
                c := a_rank[2 * n + m + s];
                p[i] := coalesce(amounts[i], 0);
                h[i] := -k_amount[s];
                out_amount[i] := coalesce(amounts[i], k_amount[s]);
                k_settled[s] := true;
            end if;

            k_code[k] := code;
            k_body[k] := bodies[i];
            if code = 0 then
                k_phase[k] := phases[i];
                k_amount[k] := out_amount[i];
                k_expires[k] := expiries[i];
                k_settled[k] := false;
                a_rank[2 * n + k] := d;
                a_rank[2 * n + m + k] := c;
                from_place[i] := d;
                to_place[i] := c;
                a_free[d] := a_free[d] - p[i] - h[i];
                a_free[c] := a_free[c] + p[i];
                a_posted[d] := a_posted[d] - p[i];
                a_posted[c] := a_posted[c] + p[i];
                a_reserved[d] := a_reserved[d] + h[i];
                a_incoming[c] := a_incoming[c] + h[i];
            end if;
        end if;
        answers[i] := code;

        if not broken and (chain < i or linked[i]) and (code <> 0 or (i = n and linked[i])) then
            broken := true;
            for j in reverse i .. chain loop
                if fresh[j] and answers[j] = 0 then
                    d := from_place[j];
                    c := to_place[j];
                    a_free[d] := a_free[d] + p[j] + h[j];
                    a_free[c] := a_free[c] - p[j];
                    a_posted[d] := a_posted[d] + p[j];
                    a_posted[c] := a_posted[c] - p[j];
                    a_reserved[d] := a_reserved[d] - h[j];
                    a_incoming[c] := a_incoming[c] - h[j];
                    if settled[j] is not null then
                        k_settled[k_rank[n + j]] := false;
                    end if;
                    answers[j] := 10;
                    k_code[k_rank[j]] := 10;
                end if;
            end loop;
        end if;
    end loop;

    insert into ledger_transfer
        (key, code, asked, debit_id, credit_id, amount, phase, settles_id, expires_at, memo, decision_id, at, business_at)
    select u.key, u.code, case when u.code <> 0 then u.body end,
           case when u.code = 0 then locked[u.d] end, case when u.code = 0 then locked[u.c] end,
           case when u.code = 0 then u.amount end, case when u.code = 0 then u.phase end,
           case when u.code = 0 then u.settles end, case when u.code = 0 then u.expires end,
           case when u.code = 0 then u.memo else '' end, case when u.code = 0 then decision end, now(), business
    from unnest(keys, answers, bodies, from_place, to_place, out_amount, phases, settled, expiries, memos, fresh)
         u (key, code, body, d, c, amount, phase, settles, expires, memo, fresh)
    where u.fresh;
    update ledger_account a
    set posted = a.posted + u.posted, reserved = a.reserved + u.reserved, incoming = a.incoming + u.incoming
    from unnest(locked, a_posted, a_reserved, a_incoming) u (id, posted, reserved, incoming)
    where a.id = u.id and (u.posted <> 0 or u.reserved <> 0 or u.incoming <> 0);

    for i in 1 .. n loop
        if twice[i] then
            answers[i] := 64 + k_code[k_rank[i]];  -- After the chains: an undone first self answers for its copies.
        end if;
    end loop;
    return answers;
end
$$
