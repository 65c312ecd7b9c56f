-- A passkey that is shown again within a session: whoever holds the device is still its owner.
alter table ceremony drop constraint ceremony_kind_check;
alter table ceremony add constraint ceremony_kind_check
  check (kind in ('registration', 'sign_in', 'return', 'check'));
alter table session add column checked_at timestamptz not null default now();
update session set checked_at = created_at;

-- A proof under way. No nonce, key or code: with the pepper, which is not here, the salt gives them all, and goes with the row.
drop table proof_request;
create table proof_request (
  id uuid primary key,
  account_id uuid not null references account on delete cascade,
  token_hash bytea not null references session on delete cascade,  -- only the browser that began may finish
  method text not null,
  way text not null,
  salt bytea not null,
  outcome text not null default 'waiting' check (outcome in ('waiting', 'judging', 'passed', 'refused')),
  expires_at timestamptz not null
);
create index proof_request_expiry on proof_request (expires_at);

-- Since when talk is open to a session. It goes with the session.
create table proof_visit (
  token_hash bytea primary key references session on delete cascade,
  proved_at timestamptz,
  seen_at timestamptz not null
);

-- Attestations that were shown: an HMAC under the pepper, no account, no time of day. Rewritten in the order of the
-- tags, so that the order of arrival is not kept either.
create table proof_spent (
  tag bytea primary key check (length(tag) = 32),
  expires_on date not null
);
