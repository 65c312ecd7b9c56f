import { mayAsk, type StaffRole, staffRoles } from '@accord/case-model';
import type { Reply } from '@accord/protocol';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { useAction, useLoad } from '../chat/load.ts';
import { Failure } from '../chat/pages/failure.tsx';
import { Button, Card, ErrorState, Field, Page, SearchIcon, Skeleton } from '../design/index.ts';
import { useLanguage } from '../messages/index.ts';
import { ActDialog } from './act-dialog.tsx';
import { staffName, useMe } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';
import styles from './staff.module.css';
import { Tag } from './tags.tsx';
import { whenInWords } from './time.ts';
import { WordsField } from './words-field.tsx';

type Person = Pick<Reply<'cases.staff.list'>['staff'][number], 'accountId' | 'pseudonym' | 'roles'>;

/** Who has which role. What is changed here takes a second person. */
export function Staff() {
  const t = useConsoleMessages().staff;
  const { language } = useLanguage();
  const me = useMe();
  const list = useLoad((signal) => call('cases.staff.list', { signal }), []);
  const [changed, setChanged] = useState<Person | null>(null);
  const asks = mayAsk(me.roles, 'roles');
  return (
    <Page title={t.title} lead={t.lead}>
      {list.state === 'loading' && <Skeleton rows={3} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.state === 'ready' && (
        <Card rows>
          {list.value.staff.map((person) => (
            <div key={person.accountId} className={styles.person}>
              <div>
                <p>
                  <strong dir="auto">{person.pseudonym}</strong>{' '}
                  <span className={styles.quiet}>{staffName(person.accountId)}</span>
                </p>
                <p className={styles.tags}>
                  {person.roles.map((role) => (
                    <Tag key={role}>{t.roles[role]}</Tag>
                  ))}
                </p>
                <p className={styles.quiet}>{t.since(whenInWords(person.since, language))}</p>
              </div>
              {asks && (
                <Button
                  kind="soft"
                  small
                  aria-label={t.change(person.pseudonym)}
                  onClick={() => setChanged(person)}
                >
                  {t.changeShort}
                </Button>
              )}
            </div>
          ))}
        </Card>
      )}
      {asks && <Add onFound={setChanged} />}
      {changed !== null && <RolesDialog person={changed} onClose={() => setChanged(null)} />}
    </Page>
  );
}

function Add({ onFound }: { readonly onFound: (person: Person) => void }) {
  const t = useConsoleMessages().staff;
  const [pseudonym, setPseudonym] = useState('');
  const [absent, setAbsent] = useState(false);
  const finding = useAction();
  const find = (event: FormEvent) => {
    event.preventDefault();
    void finding.run(async () => {
      setAbsent(false);
      try {
        onFound({ ...(await call('cases.staff.find', { query: { pseudonym } })), roles: [] });
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'not_found') throw error;
        setAbsent(true);
      }
    });
  };
  return (
    <Card title={t.add}>
      <form onSubmit={find} className={styles.find}>
        <Field
          label={t.pseudonym}
          value={pseudonym}
          maxLength={24}
          autoComplete="off"
          error={absent ? t.absent : null}
          onChange={(event) => setPseudonym(event.target.value)}
        />
        <Button type="submit" kind="soft" icon={SearchIcon} busy={finding.busy}>
          {t.find}
        </Button>
      </form>
      <Failure error={finding.error} />
    </Card>
  );
}

function RolesDialog({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const { staff: t, two } = useConsoleMessages();
  const [roles, setRoles] = useState<readonly StaffRole[]>(person.roles);
  const [words, setWords] = useState('');
  const toggle = (role: StaffRole) =>
    setRoles((before) => (before.includes(role) ? before.filter((one) => one !== role) : [...before, role]));
  return (
    <ActDialog
      title={t.change(person.pseudonym)}
      confirm={t.ask}
      ready={words.trim() !== ''}
      done={t.asked}
      work={async () => {
        const change = { action: 'roles' as const, accountId: person.accountId, roles: [...roles], words };
        await call('cases.approvals.ask', { body: { change } });
      }}
      onClose={onClose}
    >
      <fieldset className={styles.roles}>
        <legend className={styles.legend}>{t.rolesLegend}</legend>
        {staffRoles.map((role) => (
          <label key={role} className={styles.role}>
            <input type="checkbox" checked={roles.includes(role)} onChange={() => toggle(role)} />
            <span>
              {t.roles[role]} <span className={styles.quiet}>{t.about[role]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <WordsField label={two.words} value={words} onChange={setWords} />
    </ActDialog>
  );
}
