-- Towards what a kept crop is: 1 the centre, 2 to 5 the corners. Crops are searched by it; null is not known, and asked by
-- every question.
alter table matching_hash add column anchor smallint check (anchor is null or (kind = 1 and anchor between 1 and 5));
