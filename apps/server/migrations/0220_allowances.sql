-- What may be done so often by one household, account or key, counted for every process on this database: when a bucket is full
-- again, by an HMAC under a key that is not here. The rows say that somebody was here lately, and not who. They go when it is full.
create table allowance (
  tag bytea primary key check (length(tag) = 32),
  full_at timestamptz not null
);
create index allowance_full_at on allowance (full_at);
