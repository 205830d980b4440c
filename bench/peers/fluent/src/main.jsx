// A tile a person: picture, name, a switch for the microphone and a slider for the level.
import { memo, useId, useState } from 'react';
import { createRoot } from 'react-dom/client';
import {
  Avatar,
  Card,
  CardHeader,
  FluentProvider,
  Slider,
  Switch,
  Text,
  makeStyles,
  tokens,
  webLightTheme,
} from '@fluentui/react-components';

const count = Number(new URLSearchParams(location.search).get('n') ?? 43);
const people = Array.from({ length: count }, (_, at) => ({ id: `p${at}`, name: `Person ${at + 1}` }));

const useStyles = makeStyles({
  tiles: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))',
    gap: tokens.spacingHorizontalM,
    margin: 0,
    padding: tokens.spacingHorizontalM,
    listStyleType: 'none',
  },
});

// Remembered, so that a change of one tile draws no other.
const Tile = memo(function Tile({ person }) {
  const [isMuted, setMuted] = useState(false);
  const [level, setLevel] = useState(100);
  const heading = useId();
  return (
    <li>
      <Card aria-labelledby={heading}>
        <CardHeader
          image={<Avatar name={person.name} />}
          header={<Text id={heading}>{person.name}</Text>}
          description={<Text size={200}>{`${level} %`}</Text>}
        />
        <Switch
          label={`Mute ${person.name}`}
          checked={isMuted}
          onChange={(_, { checked }) => setMuted(checked)}
        />
        <Slider
          aria-label={`${person.name} level`}
          min={0}
          max={100}
          value={level}
          onChange={(_, { value }) => setLevel(value)}
        />
      </Card>
    </li>
  );
});

function Tiles() {
  const { tiles } = useStyles();
  return (
    <ul className={tiles}>
      {people.map((person) => (
        <Tile key={person.id} person={person} />
      ))}
    </ul>
  );
}

createRoot(document.getElementById('tiles')).render(
  <FluentProvider theme={webLightTheme}>
    <Tiles />
  </FluentProvider>,
);
