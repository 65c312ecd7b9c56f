-- The console at a hundred thousand cases: what orders the queue is a column, what is counted is in indexes.
alter table desk_case
  add column rank_at timestamptz not null
    generated always as (coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)) stored,
  add column proposals integer not null default 0; -- that wait for a second person
update desk_case set proposals = (
  select count(*) from jsonb_each(state -> 'proposals') as each (id, proposal) where proposal ->> 'state' = 'open')
where state -> 'proposals' <> '{}';

drop index desk_case_queue;
create index desk_case_queue on desk_case (rank_at, id) include (due_at, child_safety, appealed, proposals)
  where closed_at is null;
create index desk_case_apart on desk_case (rank_at, id) where closed_at is null and child_safety;
create index desk_case_appealed on desk_case (rank_at, id) where closed_at is null and appealed;
create index desk_case_proposed on desk_case (rank_at, id) where proposals > 0;
create index desk_case_proposals on desk_case using gin ((state -> 'proposals')) where state -> 'proposals' <> '{}';
create index case_clock_met on case_clock (clock, met_at) where met_at is not null;
create index case_clock_breached on case_clock (started_at) where breached;
create index desk_approval_open on desk_approval (asked_at) where state = 'open';

-- Counts and times for the yearly report and the public page. They outlive the case, and then name none.
create table desk_figure (
  id bigint generated always as identity primary key,
  case_id uuid unique references desk_case on delete set null,
  received_at timestamptz not null,
  picture text,                                 -- real, fake, threat, unsure; null: not said
  child_safety boolean not null,
  requests integer not null,                    -- people who asked
  items integer not null,                       -- pictures and places that they named
  blocked_at timestamptz,                       -- by a machine, until somebody looked
  decided_at timestamptz,                       -- the first decision
  decision text check (decision in ('remove', 'decline')),
  ground text,
  gone_at timestamptz,                          -- a sweep after the removal was complete
  withdrawn_at timestamptz,                     -- by everybody who asked
  orders integer not null,                      -- of authorities
  ordered_at timestamptz,
  late boolean not null                         -- a clock of the law ran out
);
create index desk_figure_received on desk_figure (received_at);

create table desk_figure_appeal (
  id uuid primary key,
  figure_id bigint not null references desk_figure on delete cascade,
  side text not null check (side in ('reporter', 'uploader')),
  at timestamptz not null,
  decided_at timestamptz,
  outcome text check (outcome in ('upheld', 'reversed'))
);
create index desk_figure_appeal_of on desk_figure_appeal (figure_id);
create index desk_figure_appeal_at on desk_figure_appeal (at);

insert into desk_figure (case_id, received_at, picture, child_safety, requests, items, decided_at, decision, ground, orders, late)
select id, opened_at, state ->> 'picture', child_safety,
  (select count(*) from jsonb_object_keys(state -> 'reporters')),
  jsonb_array_length(state -> 'items'),
  to_timestamp((state -> 'decision' ->> 'at')::double precision / 1000), state -> 'decision' ->> 'kind', state -> 'decision' ->> 'ground',
  (select count(*) from case_event where case_id = desk_case.id and type = 'order_received'),
  exists (select from case_clock where case_id = desk_case.id and breached)
from desk_case where phase <> 'merged';

-- Another's word for when an entry of the evidence was there (RFC 3161). Without a token: still to be asked for.
create table evidence_stamp (
  case_id uuid not null references desk_case on delete cascade,
  seq integer not null,
  hash bytea not null,                          -- of the entry
  next_at timestamptz not null,
  tries integer not null default 0,
  error text,
  token bytea,                                  -- TimeStampToken, DER
  stamped_at timestamptz,                       -- what it says
  primary key (case_id, seq)
);
create index evidence_stamp_waiting on evidence_stamp (next_at) where token is null;

-- A report to NCMEC that was opened there and is not finished yet, and the files that went with it.
alter table child_safety_report add column opened_id text;
create table child_safety_file (
  report_id uuid not null references child_safety_report on delete cascade,
  item_id uuid not null,
  file_id text not null,                        -- what the service calls it
  sha256 text not null,
  sent_at timestamptz not null,
  primary key (report_id, item_id)
);

-- How near a picture must come to be refused. Changed by two people; each change is a row.
create table matching_threshold (
  id bigint generated always as identity primary key,
  radius smallint not null check (radius between 16 and 40),
  at timestamptz not null,
  by_id text not null,
  asked_by text not null
);
