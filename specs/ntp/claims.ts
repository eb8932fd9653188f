import { always, type Claims } from '../../checker/index.ts'
import { isCorrected, type ntp } from './protocol.ts'

export const claims = {
  elapsedByTimeOfDay: {
    because: '"elapsedMillis = endTime - startTime; elapsedMillis may be negative!" "NTP client steps the clock during this."',
    refutes: always(({ all }) => all('client').every(({ clock, started }) => clock >= started.clock)),
    parameters: { servers: 1, samples: 1 },
    length: 4,
  },
  correctInTheEnd: {
    because: '"Systems that rely on clock sync need to monitor clock skew!" Where it is too large, NTP does nothing, and the clock stays as it is.',
    refutes: always(({ all }) =>
      all('client').every(client => !isCorrected(client) || all('server').every(({ clock }) => Math.abs(client.clock - clock) <= 1)),
    ),
    parameters: { servers: 1, samples: 1 },
    length: 4,
  },
} satisfies Claims<typeof ntp>
