import { useEffect, useRef } from 'react';
import { EmptyState, Panes, PeopleIcon, scroller } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import styles from './people.module.css';
import { PeopleList } from './people-list.tsx';
import { PersonSheet } from './person-sheet.tsx';

/** The people, and one of them where `accountId` names somebody. */
export default function People({ accountId }: { readonly accountId?: string }) {
  const t = useMessages().people;
  const listAt = useRef(0);
  const open = accountId !== undefined;
  useEffect(() => {
    // On a narrow screen the list gives way to the person: coming back, it stands where it was.
    if (!open) scroller().scrollTop = listAt.current;
  }, [open]);
  return (
    <Panes
      open={open}
      list={
        <PeopleList
          current={accountId}
          onOpen={() => {
            listAt.current = scroller().scrollTop;
          }}
        />
      }
      detail={
        open ? (
          <PersonSheet key={accountId} accountId={accountId} />
        ) : (
          <div className={styles.nobody}>
            <EmptyState icon={PeopleIcon} title={t.chooseTitle}>
              {t.choose}
            </EmptyState>
          </div>
        )
      }
    />
  );
}
