// The library's participant list, of people who can be muted and removed.
import { createRoot } from 'react-dom/client';
import { registerIcons } from '@fluentui/react';
import {
  DEFAULT_COMPONENT_ICONS,
  FluentThemeProvider,
  ParticipantList,
} from '@azure/communication-react';

registerIcons({ icons: DEFAULT_COMPONENT_ICONS });

const count = Number(new URLSearchParams(location.search).get('n') ?? 43);
const people = Array.from({ length: count }, (_, at) => ({
  userId: `8:acs:person-${at}`,
  displayName: `Person ${at + 1}`,
  state: 'Connected',
  isMuted: at % 4 === 0,
  isScreenSharing: false,
  isRemovable: true,
}));

// Nothing is sent anywhere: what is measured is the list.
const done = () => Promise.resolve();

createRoot(document.getElementById('list')).render(
  <FluentThemeProvider>
    <ParticipantList
      participants={people}
      myUserId={people[0]?.userId}
      onMuteParticipant={done}
      onRemoveParticipant={done}
    />
  </FluentThemeProvider>,
);
