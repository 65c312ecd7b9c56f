import { useState } from 'react';
import { Button, KeyIcon, Page, toast } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { Failure } from './failure.tsx';
import { KeepCode } from './keep-code.tsx';

/** A new recovery code in place of the former. */
export default function YouRecovery() {
  const t = useMessages().you.recovery;
  const engine = useEngine();
  const action = useAction();
  const [code, setCode] = useState<string | null>(null);
  const make = () => action.run(async () => setCode((await engine.account.replaceRecoveryCode()).code));
  if (code !== null) {
    const onKept = () => {
      setCode(null);
      toast(t.done);
    };
    return <KeepCode code={code} onKept={onKept} />;
  }
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      <Failure error={action.error} />
      <Button icon={KeyIcon} wide busy={action.busy} onClick={() => void make()}>
        {action.busy ? t.making : t.make}
      </Button>
    </Page>
  );
}
