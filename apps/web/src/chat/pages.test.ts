import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groundOf, lettersOf } from '../design/avatar-look.ts';
import { en } from '../messages/en/index.ts';
import { fr } from '../messages/fr/index.ts';
import { detour } from './detour.ts';
import { suggestDeviceName } from './device-name.ts';
import { asFirstLine, firstLineLength } from './first-line.ts';
import { isLastGroup } from './pages/last-group.ts';
import { cameBackEmpty, readProofReturn } from './pages/proof-return.ts';

describe('where somebody goes instead', () => {
  const at = (stage: Parameters<typeof detour>[1]['stage'], hasKeys = false) => ({ stage, hasKeys });
  it.each([
    ['adults', at('signed-out'), '/'],
    ['adults', at('signed-out', true), '/sign-in'],
    ['adults', at('no-device'), '/return'],
    ['adults', at('no-proof'), '/gate'],
    ['adults', at('ready'), null],
    ['adults', at('unreachable'), null],
    ['members', at('no-proof'), null],
    ['members', at('no-device'), '/return'],
    ['strangers', at('ready'), '/people'],
    ['strangers', at('no-proof'), '/gate'],
    ['strangers', at('no-device'), null],
    ['strangers', at('signed-out', true), null],
    ['anyone', at('ready'), null],
  ] as const)('%s, %o: %s', (audience, status, expected) => {
    expect(detour(audience, status)).toBe(expected);
  });
});

describe('the return from a proof of age', () => {
  it('takes the proof of the query and the response of the fragment, and nothing by halves', () => {
    expect(readProofReturn('?proof=a', '#response=b.c')).toEqual({ proofId: 'a', response: 'b.c' });
    expect(readProofReturn('?proof=a', '')).toBeNull();
    expect(readProofReturn('', '#response=b')).toBeNull();
    expect(readProofReturn('?response=b', '#proof=a')).toBeNull();
  });

  it('tells who came back without an answer from who just came', () => {
    expect(['?proof=a', '?error=access_denied', '?code=b'].map(cameBackEmpty)).toEqual([true, true, true]);
    expect(['', '?', '?lang=fr'].map(cameBackEmpty)).toEqual([false, false, false]);
  });
});

describe('the check of a recovery code', () => {
  it('asks for the last group, whatever its case and spaces', () => {
    expect(isLastGroup(' w x-y 1', 'AAAAA-BBBBB-WXY1')).toBe(true);
    expect(isLastGroup('BBBBB', 'AAAAA-BBBBB-WXY1')).toBe(false);
    expect(isLastGroup('', 'AAAAA')).toBe(false);
    expect(isLastGroup('', '')).toBe(false);
  });
});

describe('a first line', () => {
  it('is one line, counted as people count', () => {
    expect(asFirstLine('  Hello\n\n you  ')).toBe('Hello you');
    expect(firstLineLength('😀😀')).toBe(2);
    expect(firstLineLength(' \n ')).toBe(0);
  });
});

describe('a name for a device', () => {
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Safari/604.1';
  const edge = 'Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0';
  it('tells browser and system', () => {
    expect(suggestDeviceName(safari, en.account.deviceNames)).toBe('Safari on iPhone');
    expect(suggestDeviceName(edge, fr.account.deviceNames)).toBe('Edge sur Windows');
    expect(suggestDeviceName('', fr.account.deviceNames)).toBe('Navigateur sur ordinateur');
  });

  it('always fits the protocol’s 40 characters', () => {
    fc.assert(
      fc.property(fc.string(), (agent) => {
        expect(suggestDeviceName(agent, fr.account.deviceNames).length).toBeLessThanOrEqual(40);
      }),
    );
  });
});

describe('an avatar', () => {
  it('shows the same letters and ground for a name however it is written', () => {
    expect(lettersOf('léa.martin')).toBe('LM');
    expect(lettersOf('_x')).toBe('X');
    expect(lettersOf('字画')).toBe('字');
    expect(lettersOf('')).toBe('?');
    expect(groundOf('Le\u0301a')).toBe(groundOf('LÉA'));
  });

  it('stays within its eight grounds', () => {
    fc.assert(fc.property(fc.string(), (name) => groundOf(name) >= 0 && groundOf(name) < 8));
  });
});
