-- What an item asks, as one text: the same key may ask nothing else. `linked` is not part of it.
create or replace function ledger_body(
    debit bigint, credit bigint, amount bigint, phase text, settles uuid, expires timestamptz, memo text
) returns text
language sql stable
return jsonb_build_array(debit, credit, amount, phase, settles, extract(epoch from expires), memo)::text
