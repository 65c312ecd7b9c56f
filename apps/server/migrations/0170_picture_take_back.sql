-- Everything that an account sent until then is being taken back: its half-keys first, the rest of it after the answer. The row
-- goes when all of it is done, so that a process that was killed leaves nothing half taken back.
create table picture_take_back (
  owner_id uuid primary key references account on delete cascade,
  at timestamptz not null
);
