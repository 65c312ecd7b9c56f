import { beforeAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { signingPair } from '../test-support/certificates.ts';
import { caCertificate, day, now, signerCertificate } from '../test-support/presentation.ts';
import {
  type ListOperator,
  type ListShape,
  listOperator,
  unsignedList,
} from '../test-support/trusted-list.ts';
import { anchorsOf, formatPin, importTrustedList, readPin } from './index.ts';

let operator: ListOperator;
let provider: Bytes;
beforeAll(async () => {
  operator = await listOperator();
  provider = await caCertificate(await signingPair());
});

const unsigned = (shape: Partial<ListShape> = {}) => unsignedList({ certificates: [provider], ...shape });
const signed = (xml: string) => operator.sign(xml);

const imported = async (xml: string, terms: Partial<Parameters<typeof importTrustedList>[1]> = {}) =>
  importTrustedList(xml, { signers: [operator.signer], now, ...terms });

describe('a trusted list', () => {
  it('is pinned, and its authorities are what the server reads', async () => {
    const found = await imported(await signed(unsigned()));
    if (!found.ok) throw new Error(found.code);
    expect(found).toMatchObject({
      unusable: 0,
      pin: { signer: operator.signer, sequence: 7, anchors: [provider] },
    });
    const read = await readPin(formatPin(found.pin));
    expect(read).toEqual({ ok: true, pin: found.pin });
    const anchors = await anchorsOf(found.pin, now, 0);
    expect(anchors.ok && anchors.anchors.map(({ certificate }) => certificate.raw)).toEqual([provider]);
  });

  it('stops counting when it was not renewed within the grace', async () => {
    const found = await imported(await signed(unsigned()));
    if (!found.ok) throw new Error(found.code);
    expect(await anchorsOf(found.pin, now + 103 * day, 3 * day)).toMatchObject({ ok: true });
    expect(await anchorsOf(found.pin, now + 103 * day + 1, 3 * day)).toEqual({
      ok: false,
      code: 'list_expired',
    });
  });

  it('leaves out what is no authority, and names how many', async () => {
    const other = await signerCertificate(await signingPair(), await signingPair());
    const found = await imported(
      await signed(unsigned({ certificates: [other, provider, Uint8Array.of(1)] })),
    );
    expect(found).toMatchObject({ ok: true, unusable: 2, pin: { anchors: [provider] } });
  });

  it('is refused when a byte of it was changed after signing', async () => {
    const good = await signed(unsigned());
    for (const [from, to] of [
      ['<TSLVersionIdentifier>6', '<TSLVersionIdentifier>5'],
      ['y:b="2"', 'y:b="3"'],
      ['urn:used', 'urn:abused'],
      ['<z xmlns="urn:z"/>', '<z xmlns=""/>'],
      ['Svcstatus/granted', 'Svcstatus/granted '],
      ['SigningTime>2026', 'SigningTime>2025'],
    ] as const) {
      expect(good).toContain(from);
      expect(await imported(good.replace(from, to))).toEqual({ ok: false, code: 'list_digest' });
    }
  });

  it('is the same list with other comments, quotes and line ends', async () => {
    const good = await signed(unsigned());
    const same = good
      .replace('<SchemeInformation>', '<SchemeInformation  ><!-- a remark -->')
      .replace('a="1"', "a='1'")
      .replaceAll('\n', '\r\n');
    expect(await imported(same)).toMatchObject({ ok: true });
  });

  it.each([
    ['signed by somebody else than named', {}, { signers: ['00'.repeat(32)] }, 'list_signer'],
    [
      'of another type',
      { type: 'http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric' },
      {},
      'list_type',
    ],
    ['of other services', { service: 'http://uri.etsi.org/TrstSvc/Svctype/CA/QC' }, {}, 'list_empty'],
    [
      'of services withdrawn',
      { status: 'http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn' },
      {},
      'list_empty',
    ],
    ['of services to come', { since: now + day }, {}, 'list_empty'],
    ['of nobody', { certificates: [] }, {}, 'list_empty'],
    ['overdue', { nextUpdate: now - 1000 }, {}, 'list_expired'],
    ['from the future', {}, { now: now - 20 * day }, 'list_signer_dates'],
  ] as const)('is refused when it is %s', async (_, shape, terms, code) => {
    expect(await imported(await signed(unsigned(shape)), terms)).toEqual({ ok: false, code });
  });

  it('does not replace a newer one', async () => {
    const newer = await imported(await signed(unsigned({ sequence: 8 })));
    if (!newer.ok) throw new Error(newer.code);
    const older = await signed(unsigned({ sequence: 7 }));
    expect(await imported(older, { pinned: newer.pin })).toEqual({ ok: false, code: 'list_rollback' });
    expect(await imported(await signed(unsigned({ sequence: 9 })), { pinned: newer.pin })).toMatchObject({
      ok: true,
    });
  });

  it('is not taken with its signature moved, doubled or gone', async () => {
    const good = await signed(unsigned());
    const signature = /<ds:Signature [\s\S]*<\/ds:Signature>/.exec(good)?.[0] ?? '';
    const gone = good.replace(signature, '');
    const shape = { ok: false, code: 'list_signature_shape' };
    expect(await imported(gone)).toEqual(shape);
    expect(await imported(good.replace(signature, signature + signature))).toEqual(shape);
    expect(await imported(gone.replace('</SchemeInformation>', `${signature}</SchemeInformation>`))).toEqual(
      shape,
    );
    const wrapped = gone
      .replace(/(<TrustServiceStatusList[^>]*>)/, `$1${signature}`)
      .replace('a="1"', 'a="2"');
    expect(await imported(wrapped)).toEqual({ ok: false, code: 'list_digest' });
  });

  it('is not taken with a weaker algorithm, two statements of what is signed, or no day of renewal', async () => {
    const good = await signed(unsigned());
    const changed = (from: string | RegExp, to: string) => imported(good.replace(from, to));
    const info = /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/;
    expect(await changed(info, '$&$&')).toEqual({ ok: false, code: 'list_signature_shape' });
    expect(await changed('more#rsa-sha256', '#rsa-sha1')).toEqual({ ok: false, code: 'list_algorithm' });
    expect(await changed(/xmlenc#sha256/g, 'xmldsig#sha1')).toEqual({ ok: false, code: 'list_algorithm' });
    expect(await changed('enveloped-signature', 'base64')).toEqual({ ok: false, code: 'list_signature' });
    const endless = unsigned().replace(/<NextUpdate>.*<\/NextUpdate>/, '<NextUpdate/>');
    expect(await imported(await signed(endless))).toEqual({ ok: false, code: 'list_malformed' });
  });

  it('is not taken when it was signed before the signer’s certificate was valid, or after', async () => {
    for (const signedAt of [now - 31 * day, now + 301 * day]) {
      const list = await operator.sign(unsigned({ nextUpdate: now + 400 * day }), signedAt);
      expect(await imported(list, { now: now + 350 * day })).toEqual({
        ok: false,
        code: 'list_signer_dates',
      });
    }
  });

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity', '<a>&nbsp;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a processing instruction', '<a><?b c?></a>'],
    ['elements that cross', '<a><b></a></b>'],
    ['an unknown prefix', '<a:b/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute twice by its namespace', '<a xmlns:b="u" xmlns:c="u" b:d="1" c:d="2"/>'],
    ['65 attributes', `<a${Array.from({ length: 65 }, (_, i) => ` b${i}=""`).join('')}/>`],
    ['two roots', '<a/><b/>'],
    ['no end', '<a>'],
    ['a forbidden character', '<a>\u0001</a>'],
    ['a forbidden character by reference', '<a>&#0;</a>'],
    ['too many levels', `${'<a>'.repeat(70)}${'</a>'.repeat(70)}`],
    ['nothing', ''],
  ])('is not XML of ours with %s', async (_, xml) => {
    expect(await imported(xml)).toEqual({ ok: false, code: 'list_malformed' });
  });
});

describe('a file of pins', () => {
  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another format', '{"format":"accord-age-trust-2"}'],
    ['no signer', '{"format":"accord-age-trust-1","sequence":1,"anchors":[]}'],
  ])('is refused with %s', async (_, text) => {
    expect(await readPin(text)).toEqual({ ok: false, code: 'pin_malformed' });
  });
});
