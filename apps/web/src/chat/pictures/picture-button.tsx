import { useRef } from 'react';
import { CameraIcon, IconButton, Menu, PictureIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';

/** The first picture of what is pasted or dropped; null where there is none. */
export function pictureIn(data: DataTransfer | null): File | null {
  return Array.from(data?.files ?? []).find(({ type }) => type.startsWith('image/')) ?? null;
}

/** A device that one holds has a camera that points at things; on others, the attribute changes nothing. */
const hasCamera = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Chooses a picture, or takes one where the device is held in the hand. */
export function PictureButton({ onPicture }: { readonly onPicture: (file: Blob) => void }) {
  const t = useMessages().pictures;
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    // The same file can be chosen twice.
    input.value = '';
    if (file !== undefined) onPicture(file);
  };
  return (
    <>
      {hasCamera() ? (
        <Menu
          label={t.add}
          icon={PictureIcon}
          items={[
            { label: t.choose, icon: PictureIcon, onSelect: () => files.current?.click() },
            { label: t.take, icon: CameraIcon, onSelect: () => camera.current?.click() },
          ]}
        />
      ) : (
        <IconButton icon={PictureIcon} label={t.add} onClick={() => files.current?.click()} />
      )}
      <input
        ref={files}
        type="file"
        accept="image/*"
        hidden
        aria-label={t.choose}
        onChange={(event) => take(event.target)}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={t.take}
        onChange={(event) => take(event.target)}
      />
    </>
  );
}
