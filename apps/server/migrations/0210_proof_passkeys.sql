-- The passkeys that were there when an account's age was last proved: where none of them is left, whoever comes may be somebody else.
create table proof_passkey (
  credential_id text primary key references passkey on delete cascade
);
insert into proof_passkey (credential_id) select credential_id from passkey join adult using (account_id);
