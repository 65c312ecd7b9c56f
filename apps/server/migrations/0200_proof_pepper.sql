-- Under which pepper proofs are marked here: an HMAC under it, which says nothing of it. A process that has another would take
-- a proof that was shown, and refuse one that is under way.
create table proof_pepper (
  one boolean primary key default true check (one),
  mark bytea not null check (length(mark) = 32)
);
