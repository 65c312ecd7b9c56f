-- Matching: banks of known pictures, the registry of pictures that can be opened, attestations. No table here refers to
-- an account, a device or a conversation, nor the other way round.

create table bank (
  -- Also the bank's bit in the index; bit 31 marks registered pictures.
  id smallint primary key check (id between 0 and 30),
  name text not null unique check (name ~ '^[A-Z0-9_]{1,64}$'),
  purpose text not null check (purpose in ('blocking', 'claimed', 'review', 'trusted')),
  source text not null,
  owner text not null,
  enabled boolean not null default true,
  created_at timestamptz not null
);

create table bank_signal (
  id integer primary key generated always as identity,
  quality smallint not null check (quality between 0 and 100),
  added_at timestamptz not null
);

create table bank_opinion (
  signal_id integer not null references bank_signal on delete cascade,
  bank_id smallint not null references bank on delete cascade,
  source text not null,
  category text not null check (category in ('positive', 'seed', 'negative')),
  tags text[] not null,
  confidence smallint not null check (confidence between 0 and 100),
  at timestamptz not null,
  withdrawn boolean not null,
  primary key (signal_id, bank_id, source)
);
create index bank_opinion_bank on bank_opinion (bank_id, source);

-- Of two words of one source and one moment the heavier stands: taking back, then what protects most.
create or replace function opinion_weight(category text, withdrawn boolean) returns integer
  language sql immutable parallel safe
  return case when withdrawn then 3 when category = 'positive' then 2 when category = 'seed' then 1 else 0 end;

create table registered_picture (
  id integer primary key generated always as identity,
  -- Null once the blob is gone.
  blob_tag bytea unique,
  -- Null: nobody may send it any more.
  owner_key bytea check (length(owner_key) = 32),
  cm bytea not null,
  quality smallint not null check (quality between 0 and 100),
  -- asked: attested, the blob is not here yet; open: it can be opened; ended: a tombstone that refuses re-shares.
  state text not null check (state in ('asked', 'open', 'ended')),
  ends_at timestamptz,
  afterwards text not null check (afterwards in ('refuse', 'forget'))
);
create index registered_picture_owner on registered_picture (owner_key);
create index registered_picture_cm on registered_picture (cm);
create index registered_picture_ends on registered_picture (ends_at) where ends_at is not null;

-- Every hash that is searched, under the number that the index knows it by.
create table matching_hash (
  id integer primary key generated always as identity,
  -- 0 whole, 1 part, 2 region.
  kind smallint not null check (kind between 0 and 2),
  hash bytea not null check (length(hash) = 32),
  signal_id integer references bank_signal on delete cascade,
  registered_id integer references registered_picture on delete cascade,
  check (num_nonnulls(signal_id, registered_id) = 1)
);
create unique index matching_hash_signal_whole on matching_hash (hash) where kind = 0 and signal_id is not null;
create index matching_hash_signal on matching_hash (signal_id) where signal_id is not null;
create index matching_hash_registered on matching_hash (registered_id) where registered_id is not null;

-- What the index has to look at again. Numbered by transaction: all below the oldest one under way can be seen.
create table matching_change (
  xid xid8 not null default pg_current_xact_id(),
  hash_id integer not null,
  at timestamptz not null default now()
);
create index matching_change_xid on matching_change (xid);
create index matching_change_at on matching_change (at);

create or replace function note_hash_added() returns trigger language plpgsql as $$
begin
  insert into matching_change (hash_id) select id from fresh;
  return null;
end $$;
create or replace function note_hash_gone() returns trigger language plpgsql as $$
begin
  insert into matching_change (hash_id) select id from gone;
  return null;
end $$;
create or replace function note_opinion() returns trigger language plpgsql as $$
begin
  insert into matching_change (hash_id)
    select distinct hash.id from touched join matching_hash hash on hash.signal_id = touched.signal_id;
  return null;
end $$;
create trigger hash_added after insert on matching_hash
  referencing new table as fresh for each statement execute function note_hash_added();
create trigger hash_gone after delete on matching_hash
  referencing old table as gone for each statement execute function note_hash_gone();
create trigger opinion_given after insert on bank_opinion
  referencing new table as touched for each statement execute function note_opinion();
create trigger opinion_changed after update on bank_opinion
  referencing new table as touched for each statement execute function note_opinion();
create trigger opinion_gone after delete on bank_opinion
  referencing old table as touched for each statement execute function note_opinion();

-- Which life of the database the changes belong to: a restored one begins another.
create table matching_feed (
  one boolean primary key default true check (one),
  life uuid not null
);

create table matching_state (
  one boolean primary key default true check (one),
  epoch bigint not null,
  tag_key bytea not null check (length(tag_key) = 32)
);

create table attestation_key (
  kid bytea primary key check (length(kid) = 8),
  public_key bytea not null check (length(public_key) = 32),
  since timestamptz not null
);

create table grant_withdrawal (
  grant_id bytea primary key check (length(grant_id) = 32),
  until timestamptz not null
);
create index grant_withdrawal_until on grant_withdrawal (until);

create table matching_refusal (
  appeal bytea primary key check (length(appeal) = 16),
  reason text not null check (reason in ('bank', 'registered', 'grant')),
  signal_ids integer[] not null,
  at timestamptz not null
);
create index matching_refusal_at on matching_refusal (at);
