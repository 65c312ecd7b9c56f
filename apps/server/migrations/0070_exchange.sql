-- Exchange with peers: what each said of its records, how far we have heard it, and what we told it.

create table exchange (
  id smallint primary key generated always as identity,
  name text not null unique check (name ~ '^[A-Z0-9_]{1,64}$'), -- its bank's as well
  kind text not null check (kind in ('stopncii', 'ncmec', 'threatexchange', 'list')),
  settings jsonb not null,                      -- never a credential
  enabled boolean not null default true,
  tells boolean not null,                       -- whether it is told what people here asked us to share
  created_at timestamptz not null,
  checkpoint jsonb,                             -- from where the next fetch goes on; moves when a window is exhausted
  cursor jsonb,                                 -- what is left of the fetch under way, in the transaction of its last page
  whole boolean not null default false,         -- the fetch under way is of everything: what it does not name is gone
  round integer not null default 0,             -- counts such fetches
  place bigint not null default 0,              -- counts the records told so far, for the order among them
  tried_at timestamptz,
  contact_at timestamptz,                       -- when the last page was kept
  completed_at timestamptz,
  failures integer not null default 0,
  fault text,
  next_at timestamptz not null
);

-- A record as the peer last told it, and when it was last taken back: the merge of all that was heard.
create table exchange_record (
  exchange_id smallint not null references exchange on delete cascade,
  key text not null,
  said jsonb,                                   -- null: only ever taken back
  place bigint,
  gone_place bigint,
  gone_at bigint,                               -- ms, by the peer's clock
  stands boolean not null,
  round integer not null,
  pdq bytea check (length(pdq) = 32),           -- by which it is found
  primary key (exchange_id, key)
);
create index exchange_record_pdq on exchange_record (pdq) where pdq is not null;

-- Pictures that may be told: the person ticked it, two people approved. By case, which is opaque here.
create table exchange_share (
  case_id uuid not null,
  hash bytea not null check (length(hash) = 32),
  about text not null check (about in ('ncii', 'child_safety')),
  primary key (case_id, hash)
);

-- What a peer was told, and what it should be told. Gone once it was taken back.
create table exchange_telling (
  exchange_id smallint not null references exchange on delete cascade,
  hash bytea not null check (length(hash) = 32),
  wanted boolean not null,
  told jsonb,                                   -- how, and under which of the peer's names; null: not yet
  tries integer not null default 0,
  next_at timestamptz not null,
  fault text,
  primary key (exchange_id, hash)
);
create index exchange_telling_next on exchange_telling (next_at);

-- Whether the person asked us to share their picture's hash with other services.
alter table case_reporter add column share boolean not null default false;
