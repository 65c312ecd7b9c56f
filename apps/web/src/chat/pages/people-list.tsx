import { seekings, spokenLanguages } from '@accord/protocol/words';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import {
  Avatar,
  Banner,
  Button,
  ButtonLink,
  classes,
  EmptyState,
  ErrorState,
  Field,
  FilterIcon,
  Hidden,
  Page,
  PeopleIcon,
  SearchIcon,
  Select,
  Skeleton,
  Switch,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useStatus } from '../engine-access.tsx';
import { dayInWords } from '../time.ts';
import { endJoining, isJoining } from '../way-back.ts';
import styles from './people.module.css';
import { type Filters, type Person, usePeople } from './use-people.ts';
import { nameOfLanguage } from './words.ts';

interface PeopleListProps {
  readonly current: string | undefined;
  readonly onOpen: () => void;
}

/** Everybody who can be found, with the search and its filters. */
export function PeopleList({ current, onOpen }: PeopleListProps) {
  const t = useMessages().people;
  const [filters, setFilters] = useState<Filters>({});
  const found = usePeople(filters);
  const { state, people } = found;
  const filtered = Object.values(filters).some(Boolean);
  return (
    <Page title={t.title} width="wide">
      <Welcome />
      <Search filters={filters} onChange={setFilters} />
      <p className={styles.found} role="status">
        {state === 'ready' && <Hidden>{t.found(people.length)}</Hidden>}
      </p>
      {people.length > 0 && (
        <ul className={styles.people}>
          {people.map((person) => (
            <Row key={person.id} person={person} here={person.id === current} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {state === 'loading' && <Skeleton rows={people.length > 0 ? 1 : 5} />}
      {state === 'failed' && <ErrorState error={found.error} onRetry={found.again} />}
      {state === 'ready' && people.length === 0 && (
        <Nobody filtered={filtered} onClear={() => setFilters({})} />
      )}
      {state === 'ready' && found.next !== null && <More key={people.length} onReached={found.more} />}
    </Page>
  );
}

/** For who has just come in: that it worked, and the one thing left to do. Until they go somewhere else. */
function Welcome() {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const { me } = useStatus();
  const [joining] = useState(isJoining);
  useEffect(() => endJoining, []);
  if (!joining || me?.adult == null) return null;
  return (
    <Banner
      kind="good"
      title={t.passedTitle}
      action={
        <ButtonLink href="/you/welcome" kind="soft" small>
          {t.next}
        </ButtonLink>
      }
      live
    >
      {t.passed(dayInWords(me.adult.until, language))}
    </Banner>
  );
}

interface SearchProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

function Search({ filters, onChange }: SearchProps) {
  const { messages, language } = useLanguage();
  const t = messages.people;
  const on = [filters.language, filters.seeking, filters.online].filter(Boolean).length;
  return (
    <search className={styles.search}>
      <div className={styles.words}>
        <SearchIcon size={20} />
        <Field
          label={t.search}
          hideLabel
          type="search"
          placeholder={t.searchPlaceholder}
          value={filters.words ?? ''}
          maxLength={60}
          autoComplete="off"
          onChange={(event) => onChange({ ...filters, words: event.target.value })}
        />
      </div>
      <details className={styles.filters}>
        <summary className={styles.summary}>
          <FilterIcon size={20} />
          {on > 0 ? t.filtersOn(on) : t.filters}
        </summary>
        <div className={styles.panel}>
          <Select
            label={t.language}
            value={filters.language ?? ''}
            onChange={({ target }) =>
              onChange({ ...filters, language: spokenLanguages.find((one) => one === target.value) })
            }
          >
            <option value="">{t.anyLanguage}</option>
            {spokenLanguages.map((one) => (
              <option key={one} value={one}>
                {nameOfLanguage(one, language)}
              </option>
            ))}
          </Select>
          <Select
            label={t.seeking}
            value={filters.seeking ?? ''}
            onChange={({ target }) =>
              onChange({ ...filters, seeking: seekings.find((one) => one === target.value) })
            }
          >
            <option value="">{t.anySeeking}</option>
            {seekings.map((one) => (
              <option key={one} value={one}>
                {t.seekingWords[one]}
              </option>
            ))}
          </Select>
          <Switch
            label={t.onlineOnly}
            checked={filters.online === 'true'}
            onChange={(only) => onChange({ ...filters, online: only ? 'true' : undefined })}
          />
        </div>
      </details>
    </search>
  );
}

interface RowProps {
  readonly person: Person;
  readonly here: boolean;
  readonly onOpen: () => void;
}

function Row({ person, here, onOpen }: RowProps) {
  const { messages, language } = useLanguage();
  const t = messages.people;
  const { id, pseudonym, about, online } = person;
  const facts = [
    ...person.seeking.map((one) => t.seekingWords[one]),
    ...person.languages.map((one) => nameOfLanguage(one, language)),
  ];
  return (
    <li>
      <Link
        href={`/people/${id}`}
        className={classes(styles.row, here && styles.here)}
        aria-current={here ? 'true' : undefined}
        onClick={onOpen}
      >
        <Avatar name={pseudonym} online={online} />
        <span className={styles.said}>
          <span className={styles.name} dir="auto">
            {pseudonym}
            {online && <Hidden>, {t.here}</Hidden>}
          </span>
          <span className={styles.about} dir="auto">
            {about || t.aboutNone}
          </span>
          {facts.length > 0 && <span className={styles.facts}>{facts.join(' · ')}</span>}
        </span>
      </Link>
    </li>
  );
}

function Nobody({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  const t = useMessages().people;
  if (filtered) {
    const clear = (
      <Button kind="soft" onClick={onClear}>
        {t.clear}
      </Button>
    );
    return (
      <EmptyState icon={SearchIcon} title={t.noMatchTitle} action={clear}>
        {t.noMatch}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={PeopleIcon}
      title={t.emptyTitle}
      action={<ButtonLink href="/you/profile">{t.writeProfile}</ButtonLink>}
    >
      {t.empty}
    </EmptyState>
  );
}

/** The next page loads when its place comes near; the button is for those who do not scroll. */
function More({ onReached }: { readonly onReached: () => void }) {
  const t = useMessages().people;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && onReached(),
      { rootMargin: '400px' },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [onReached]);
  return (
    <div ref={place}>
      <Button kind="soft" wide onClick={onReached}>
        {t.moreToLoad}
      </Button>
    </div>
  );
}
