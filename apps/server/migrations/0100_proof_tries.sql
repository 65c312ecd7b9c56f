-- Proofs that were refused on a day, by an HMAC of account and day under the pepper, which is not here: the rows say how many
-- tries somebody has had, and not who. They go when the day is over.
create table proof_try (
  tag bytea primary key check (length(tag) = 32),
  tries smallint not null,
  day date not null
);
create index proof_try_day on proof_try (day);
