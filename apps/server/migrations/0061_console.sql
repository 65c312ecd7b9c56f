-- The console's queue, filtered: by where a case stands, and by who waits for an answer, in the order of the queue.
create index desk_case_phase on desk_case (phase, rank_at, id) where closed_at is null;
create index desk_case_unanswered on desk_case (rank_at, id) where closed_at is null and unanswered > 0;
