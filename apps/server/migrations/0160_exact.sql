-- Files that banks know byte for byte, by MD5 (16 bytes) or SHA-256 (32). What is said of one is said as of a picture.
create table bank_digest (
  digest bytea primary key check (length(digest) in (16, 32)),
  signal_id integer not null unique references bank_signal on delete cascade
);

-- Until now HMA's interface alone had such files, without a voice. Contents are called by file and bank: `hma/signals.ts`.
do $$
declare
  file record;
  signal integer;
begin
  for file in select md5, min(added_at) as added_at from bank_file group by md5 loop
    insert into bank_signal (quality, added_at) values (100, file.added_at) returning id into signal;
    insert into bank_digest (digest, signal_id) values (file.md5, signal);
    insert into bank_opinion (signal_id, bank_id, source, category, tags, confidence, at, withdrawn)
      select signal, bank_id, 'hma', 'positive', '{}', 100, added_at, false from bank_file where md5 = file.md5;
    update bank_content content set content_id = -((1::bigint << 40) + signal::bigint * 32 + old.bank_id)
      from bank_file old
      where old.md5 = file.md5 and content.content_id = (1::bigint << 40) + old.id::bigint * 32 + old.bank_id;
  end loop;
end $$;
update bank_content set content_id = -content_id where content_id < 0;
drop table bank_file;
update matching_state set epoch = epoch + 1;
