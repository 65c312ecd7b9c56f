import { mayAsk, radiusBounds } from '@accord/case-model';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { Button, Card, Field } from '../design/index.ts';
import { ActDialog } from './act-dialog.tsx';
import { useMe } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';
import { WordsField } from './words-field.tsx';

const { least, most } = radiusBounds;

interface ThresholdProps {
  /** Bits of 256, as of now. */
  readonly radius: number;
  readonly onAsked: () => void;
}

/** How near a picture must come to be refused, and the way to ask for another distance. */
export function ThresholdCard({ radius, onAsked }: ThresholdProps) {
  const t = useConsoleMessages().two;
  const me = useMe();
  const [asking, setAsking] = useState(false);
  return (
    <Card title={t.threshold.title}>
      <p>{t.threshold.now(radius)}</p>
      {mayAsk(me.roles, 'threshold') && (
        <Button kind="soft" small onClick={() => setAsking(true)}>
          {t.threshold.ask}
        </Button>
      )}
      {asking && <AskDialog radius={radius} onAsked={onAsked} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function AskDialog({ radius, onAsked, onClose }: ThresholdProps & { readonly onClose: () => void }) {
  const t = useConsoleMessages().two;
  const [wanted, setWanted] = useState(String(radius));
  const [words, setWords] = useState('');
  const bits = Number(wanted);
  const fits = Number.isInteger(bits) && bits >= least && bits <= most;
  return (
    <ActDialog
      title={t.threshold.ask}
      confirm={t.ask}
      ready={fits && bits !== radius && words.trim() !== ''}
      done={t.asked}
      work={async () => {
        const change = { action: 'threshold' as const, radius: bits, words };
        await call('cases.approvals.ask', { body: { change } });
        onAsked();
      }}
      onClose={onClose}
    >
      <Field
        label={t.threshold.bits}
        hint={t.threshold.hint(least, most)}
        inputMode="numeric"
        value={wanted}
        maxLength={2}
        autoComplete="off"
        error={fits || wanted === '' ? null : t.threshold.outside(least, most)}
        onChange={(event) => setWanted(event.target.value)}
      />
      <WordsField label={t.words} value={words} onChange={setWords} />
    </ActDialog>
  );
}
