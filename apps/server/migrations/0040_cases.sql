-- The desk. A case is its events; the row beside them is their fold, written in the same transaction.
create table desk_case (
  id uuid primary key,
  ref bigint generated always as identity unique, -- what the staff call it
  state jsonb not null,
  phase text not null,
  due_at timestamptz,                           -- the next deadline: the queue is ordered by it
  child_safety boolean not null,
  appealed boolean not null,
  unanswered integer not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create index desk_case_queue on desk_case (due_at, id) where closed_at is null;
create index desk_case_closed on desk_case (closed_at, id) where closed_at is not null;

-- Appended, never changed: each entry is the canonical JSON (RFC 8785) that was hashed and signed.
create table case_event (
  case_id uuid not null references desk_case on delete cascade,
  seq integer not null,
  type text not null,
  at timestamptz not null,
  entry text not null,
  hash bytea not null,                          -- SHA-256 of the entry, which names the hash before it
  signature bytea not null,                     -- Ed25519
  kid text not null,
  primary key (case_id, seq)
);
create index case_event_type on case_event (type, at);

create table evidence_key (
  kid text primary key,
  private_key bytea not null,                   -- PKCS #8
  public_key bytea not null,                    -- 32 bytes
  created_at timestamptz not null
);

-- Clocks are rows: what is due is asked of the database, not of a process's memory.
create table case_clock (
  case_id uuid not null references desk_case on delete cascade,
  clock text not null,
  started_at timestamptz not null,
  due_at timestamptz,                           -- null while it stands
  next_at timestamptz,                          -- when it next has something to tell
  met_at timestamptz,
  breached boolean not null default false,
  primary key (case_id, clock)
);
create index case_clock_next on case_clock (next_at) where next_at is not null;

-- Whoever asks. Name, contact and words of identity lie here alone; events hold a salted digest of them.
create table case_reporter (
  id uuid primary key,
  case_id uuid not null references desk_case on delete cascade,
  idem uuid not null unique,
  number text not null unique,
  pin_hash text not null,
  recovery_hash text not null,
  failures integer not null default 0,
  locked_until timestamptz,
  language text not null check (language in ('fr', 'en')),
  account_id uuid references account on delete set null, -- a member who reported from a conversation
  signature text not null,
  contact text not null,
  facts jsonb not null,                         -- what was answered, for completing it later
  salt bytea not null,
  filed_at timestamptz not null
);
create index case_reporter_of_case on case_reporter (case_id);

create table case_session (
  token_hash bytea primary key,                 -- SHA-256 of the cookie's 32 random bytes
  reporter_id uuid not null references case_reporter on delete cascade,
  expires_at timestamptz not null
);
create index case_session_expiry on case_session (expires_at);

-- What a case is about. The hash lies here alone; events hold its digest.
create table case_item (
  case_id uuid not null references desk_case on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('hash', 'source', 'place', 'message')),
  digest text not null,
  hash bytea,
  quality smallint,
  variants bytea,                               -- one byte of kind and 32 of hash, again and again
  place text,
  report_id uuid,                               -- of a member's report with proof
  report_place integer,
  primary key (case_id, id)
);
create index case_item_hash on case_item (hash) where hash is not null;
create index case_item_report on case_item (report_id) where report_id is not null;

-- What is to be done outside of the transaction that decided it: durable, tried again, its outcome stored.
create table case_work (
  id uuid primary key,
  case_id uuid not null references desk_case on delete cascade,
  kind text not null,
  detail jsonb not null,
  next_at timestamptz not null,
  tries integer not null default 0,
  error text
);
create index case_work_next on case_work (next_at);
create index case_work_of_case on case_work (case_id);

create table case_notice (
  id uuid primary key,
  case_id uuid not null references desk_case on delete cascade,
  platform text not null,
  recipient text not null,
  law text not null,
  language text not null,
  reference text not null unique,
  first_at timestamptz not null
);
create index case_notice_of_case on case_notice (case_id);

-- What the sender of a removed picture is told, and objects to.
create table case_statement (
  id uuid primary key,
  case_id uuid not null references desk_case on delete cascade,
  decision_id uuid not null,
  account_id uuid not null references account on delete cascade,
  ground text not null,
  pictures integer not null,
  at timestamptz not null,
  appeal_id uuid,
  unique (decision_id, account_id)
);
create index case_statement_of_account on case_statement (account_id);

create table child_safety_report (
  id uuid primary key,
  case_id uuid not null references desk_case on delete cascade,
  base text not null,
  test boolean not null,
  xml text not null,
  receipt_id text,
  error text,
  built_at timestamptz not null,
  filed_at timestamptz
);
create index child_safety_report_of_case on child_safety_report (case_id);

-- Statements of reasons for the Commission's database. No personal data.
create table transparency_statement (
  puid text primary key,
  case_id uuid references desk_case on delete set null,
  body jsonb not null,
  state text not null check (state in ('waiting', 'sent', 'refused')),
  tries integer not null default 0,
  next_at timestamptz not null,
  error text,
  sent_at timestamptz
);
create index transparency_statement_waiting on transparency_statement (next_at) where state = 'waiting';

create table staff_role (
  account_id uuid not null references account on delete cascade,
  role text not null,
  granted_at timestamptz not null,
  granted_by text not null,                     -- an account's id, or `operator`
  primary key (account_id, role)
);

create table desk_approval (
  id uuid primary key,
  action text not null,
  detail jsonb not null,
  words text not null,
  asked_by uuid not null,
  asked_at timestamptz not null,
  state text not null check (state in ('open', 'given', 'refused')),
  answered_by uuid,
  answered_at timestamptz
);
