-- A resend is answered with the instant of its first storing, so that both ends sort by one clock.
alter table send_mark
  add column since bigint not null default 0,   -- `n` before the last batch that stored something new
  add column at bigint not null default 0,      -- instant of what that batch stored, ms since 1970 UTC; 0: not known
  add column earlier bigint[];                  -- `n` and instant, pairwise, of older batches that may be sent again
update send_mark set since = n;
