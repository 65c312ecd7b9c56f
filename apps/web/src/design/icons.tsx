import type { ReactNode, SVGProps } from 'react';

type IconProps = Omit<SVGProps<SVGSVGElement>, 'children'> & { readonly size?: number };
export type Icon = (props: IconProps) => ReactNode;

/** Drawn on a grid of 24, strokes of 1.75, round ends; they take the colour of the text around them. */
function draw(shape: ReactNode): Icon {
  return ({ size = 24, ...rest }: IconProps) => (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      {shape}
    </svg>
  );
}

const dot = (cx: number, cy: number) => <circle cx={cx} cy={cy} r="1.7" fill="currentColor" stroke="none" />;

export const PeopleIcon = draw(
  <>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M2.75 19.5c.5-3.6 3-5.5 6.25-5.5s5.75 1.9 6.25 5.5" />
    <path d="M15.5 5.3a3.4 3.4 0 0 1 0 6.4M17.8 14.5c1.9.8 3.1 2.5 3.45 5" />
  </>,
);
export const RequestsIcon = draw(
  <>
    <path d="M3.5 13.5 6 5.8A2 2 0 0 1 7.9 4.5h8.2A2 2 0 0 1 18 5.8l2.5 7.7V17a2.5 2.5 0 0 1-2.5 2.5H6A2.5 2.5 0 0 1 3.5 17z" />
    <path d="M3.5 13.5h4.3c.5 1.7 2 2.75 4.2 2.75s3.7-1.05 4.2-2.75h4.3" />
  </>,
);
export const TalkIcon = draw(
  <path d="M12 4.25c-5 0-8.75 3.2-8.75 7.4 0 2 .85 3.75 2.3 5.05L4.9 20.3l4-1.6c1 .25 2 .35 3.1.35 5 0 8.75-3.2 8.75-7.4S17 4.25 12 4.25z" />,
);
export const YouIcon = draw(
  <>
    <circle cx="12" cy="8.25" r="4" />
    <path d="M4.5 20c.6-4 3.5-6.25 7.5-6.25S18.9 16 19.5 20" />
  </>,
);
export const SettingsIcon = draw(
  <>
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2.25" />
    <circle cx="9" cy="17" r="2.25" />
  </>,
);
export const SearchIcon = draw(
  <>
    <circle cx="10.75" cy="10.75" r="6.25" />
    <path d="m15.5 15.5 4.75 4.75" />
  </>,
);
export const BackIcon = draw(<path d="M14.5 5 7.5 12l7 7" />);
export const ForwardIcon = draw(<path d="m9.5 5 7 7-7 7" />);
export const CloseIcon = draw(<path d="M6 6l12 12M18 6 6 18" />);
export const CheckIcon = draw(<path d="m4.75 12.75 4.75 4.75L19.25 7" />);
export const PlusIcon = draw(<path d="M12 5v14M5 12h14" />);
export const MoreIcon = draw(
  <>
    {dot(5.5, 12)}
    {dot(12, 12)}
    {dot(18.5, 12)}
  </>,
);
export const SendIcon = draw(<path d="M4.5 12 3.6 4.6l17 7.4-17 7.4zM4.5 12h7" />);
export const ReplyIcon = draw(<path d="M9.5 6 4 11.25l5.5 5.25M4.5 11.25h9.25c3.4 0 5.75 2.2 5.75 6.25" />);
export const EditIcon = draw(
  <path d="M4 20l.9-4.2L15.6 5.1a2 2 0 0 1 2.8 0l.5.5a2 2 0 0 1 0 2.8L8.2 19.1zM13.5 7.2l3.3 3.3" />,
);
export const TrashIcon = draw(
  <path d="M4.5 6.5h15M9.5 6.5V4.75h5V6.5M6.25 6.5l.9 12.1a1.5 1.5 0 0 0 1.5 1.4h6.7a1.5 1.5 0 0 0 1.5-1.4l.9-12.1M10 10.5v5.5M14 10.5v5.5" />,
);
export const CopyIcon = draw(
  <>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2.5" />
    <path d="M15.5 8.5V7A2.5 2.5 0 0 0 13 4.5H7A2.5 2.5 0 0 0 4.5 7v6A2.5 2.5 0 0 0 7 15.5h1.5" />
  </>,
);
export const KeyIcon = draw(
  <>
    <circle cx="8" cy="14.5" r="4" />
    <path d="m11 11.5 8-7M15.5 7.75l2.75 2.75" />
  </>,
);
export const DeviceIcon = draw(
  <>
    <rect x="3.5" y="5" width="11.5" height="10" rx="1.75" />
    <path d="M2.75 19h9" />
    <rect x="15" y="9.5" width="6" height="10" rx="1.5" fill="var(--icon-ground, none)" />
  </>,
);
export const LockIcon = draw(
  <>
    <rect x="5" y="10.5" width="14" height="9.5" rx="2.5" />
    <path d="M8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.25v2" />
  </>,
);
export const ShieldIcon = draw(
  <>
    <path d="M12 3.75 5 6.25v5.5c0 4.1 2.8 7 7 8.5 4.2-1.5 7-4.4 7-8.5v-5.5z" />
    <path d="m9 12 2.2 2.2L15.2 10" />
  </>,
);
export const BlockIcon = draw(
  <>
    <circle cx="12" cy="12" r="8.25" />
    <path d="m6.3 6.3 11.4 11.4" />
  </>,
);
export const FlagIcon = draw(<path d="M5.5 20.5V4.5c4-1.6 6.5 1.6 13 0v9c-6.5 1.6-9-1.6-13 0" />);
export const HideIcon = draw(
  <path d="M4 4l16 16M9.9 5.6a9 9 0 0 1 2.1-.25c4.2 0 7.5 2.6 9 6.65a11 11 0 0 1-2.5 3.8M6.4 7.4A11 11 0 0 0 3 12c1.5 4.05 4.8 6.65 9 6.65a9 9 0 0 0 4.4-1.1M10 10.1a2.75 2.75 0 0 0 3.9 3.9" />,
);
export const ClockIcon = draw(
  <>
    <circle cx="12" cy="12" r="8.25" />
    <path d="M12 7.25V12l3.25 2" />
  </>,
);
export const OfflineIcon = draw(
  <path d="M4 4l16 16M8.5 15.4a5 5 0 0 1 7 0M5.2 12a9.6 9.6 0 0 1 4-2.4M18.8 12a9.6 9.6 0 0 0-5.6-2.7M2.5 8.7a14 14 0 0 1 4-2.6M21.5 8.7a14 14 0 0 0-10-3.6M12 19h.01" />,
);
export const WarnIcon = draw(<path d="M12 4 2.9 19.5h18.2zM12 10v4.25M12 17h.01" />);
export const InfoIcon = draw(
  <>
    <circle cx="12" cy="12" r="8.25" />
    <path d="M12 11.25v4.75M12 8.1h.01" />
  </>,
);
export const PhoneIcon = draw(
  <path d="M6.1 4.5h2.6l1.5 4-2 1.6c1 2.4 3.2 4.6 5.6 5.6l1.6-2 4 1.5v2.7a2 2 0 0 1-2.2 2C10.6 19.3 4.7 13.4 4.1 6.7a2 2 0 0 1 2-2.2z" />,
);
export const DownloadIcon = draw(<path d="M12 4.5v10M7.5 10.5 12 15l4.5-4.5M5 19.5h14" />);
export const SunIcon = draw(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.75M12 19.25V21M3 12h1.75M19.25 12H21M5.6 5.6l1.25 1.25M17.15 17.15l1.25 1.25M18.4 5.6l-1.25 1.25M6.85 17.15 5.6 18.4" />
  </>,
);
export const SmileIcon = draw(
  <>
    <circle cx="12" cy="12" r="8.25" />
    <path d="M8.25 14c.8 1.5 2.1 2.25 3.75 2.25s2.95-.75 3.75-2.25M9 9.75h.01M15 9.75h.01" />
  </>,
);
export const LeaveIcon = draw(
  <path d="M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15.5 8l4 4-4 4M19.5 12H10" />,
);
export const FilterIcon = draw(<path d="M4 6.5h16M7 12h10M10 17.5h4" />);
export const ExternalIcon = draw(
  <path d="M13.5 4.5h6v6M19.5 4.5l-8.5 8.5M10 5.5H7A2.5 2.5 0 0 0 4.5 8v9A2.5 2.5 0 0 0 7 19.5h9a2.5 2.5 0 0 0 2.5-2.5v-3" />,
);
export const PictureIcon = draw(
  <>
    <rect x="3.5" y="4.75" width="17" height="14.5" rx="2.75" />
    <circle cx="8.75" cy="9.75" r="1.6" />
    <path d="m4 16.5 4.4-4.1a1.5 1.5 0 0 1 2.05 0l3 2.85 1.5-1.4a1.5 1.5 0 0 1 2.05 0l3.25 3.05" />
  </>,
);
export const CameraIcon = draw(
  <>
    <path d="M8.3 6.75 9.5 4.9h5l1.2 1.85h2.55a2.25 2.25 0 0 1 2.25 2.25v7.75a2.25 2.25 0 0 1-2.25 2.25H5.75a2.25 2.25 0 0 1-2.25-2.25V9a2.25 2.25 0 0 1 2.25-2.25z" />
    <circle cx="12" cy="12.75" r="3.5" />
  </>,
);
export const CropIcon = draw(
  <path d="M7 3.5v11a2.5 2.5 0 0 0 2.5 2.5h11M3.5 7h11A2.5 2.5 0 0 1 17 9.5v11" />,
);
export const BlurIcon = draw(
  <>
    <path d="M12 3.75c3.2 3.5 5.5 6.4 5.5 9.75a5.5 5.5 0 0 1-11 0c0-3.35 2.3-6.25 5.5-9.75z" />
    <path d="M12 16.5a3 3 0 0 1-3-3" />
  </>,
);
export const CoverIcon = draw(
  <>
    <rect x="4" y="5.5" width="16" height="13" rx="2" />
    <path d="m4.5 15 9-9M9 18.25 19.5 7.75M15 18.25l4.75-4.75" />
  </>,
);
export const BrushIcon = draw(
  <path d="M19.75 4.25c-1-1-2.9-.2-4.4 1.3L9.2 11.7l3.1 3.1 6.15-6.15c1.5-1.5 2.3-3.4 1.3-4.4zM8.4 12.9c-2.3 0-3.2 1.5-3.4 3.2-.15 1.2-.6 2-1.5 2.65 3.1 1.4 8.1.9 8.1-2.65" />,
);
export const TurnIcon = draw(<path d="M18.5 8.25A7.5 7.5 0 1 0 19.5 12M19 4v4.5h-4.5" />);
export const UndoIcon = draw(<path d="M8.5 5 4 9.25l4.5 4.25M4.5 9.25h9.25a5.25 5.25 0 0 1 0 10.5H9.5" />);
export const EyeIcon = draw(
  <>
    <path d="M3 12c1.5-4.05 4.8-6.65 9-6.65S19.5 7.95 21 12c-1.5 4.05-4.8 6.65-9 6.65S4.5 16.05 3 12z" />
    <circle cx="12" cy="12" r="2.75" />
  </>,
);
export const OnceIcon = draw(
  <>
    <circle cx="12" cy="12" r="8.25" strokeDasharray="3.2 2.6" />
    <path d="m10.4 9.3 2.1-1.3v8" />
  </>,
);
export const LinkIcon = draw(
  <path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1-1" />,
);
