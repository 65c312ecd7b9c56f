-- How far each file of a report to NCMEC came. "…ing": asked for, and not known whether it was taken.
alter table child_safety_file
  alter column file_id drop not null,
  add column step text not null check (step in ('sending', 'sent', 'describing', 'described'));
