import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'sinfo']

/** Why there can be no Slurm here; null where there can. */
export function noSlurmReason(): string | null {
  if (process.platform !== 'linux') return 'Slurm runs on Linux'
  if (process.getuid?.() !== 0) return 'a Slurm of our own wants root'
  const missing = PROGRAMS.filter((name) => !hasProgram(name))
  return missing.length
    ? `${missing.join(', ')} not installed (Debian: slurmctld slurmd slurm-client munge)`
    : null
}

export const hasProgram = (name: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${name}`], { env: ENVIRONMENT }).status === 0

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** A Slurm of one node, whose every file is in a folder of its own. */
export async function startSlurm(folder: string) {
  const at = (name: string) => path.join(folder, name)
  const started: string[] = []
  const run = (name: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(name, args, {
      encoding: 'utf8',
      cwd: folder,
      env: { ...ENVIRONMENT, SLURM_CONF: at('slurm.conf') },
    })
    if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr || stdout}`)
    return stdout
  }
  const stop = () => {
    for (const name of started.reverse()) {
      try {
        process.kill(Number(fs.readFileSync(at(`${name}.pid`), 'utf8')), 'SIGTERM')
      } catch {
        // It is gone.
      }
    }
  }
  for (const name of ['state', 'spool', 'log']) fs.mkdirSync(at(name))
  // The key and its daemon's socket are the user's whom the daemon runs as.
  const munge = at('munge')
  fs.mkdirSync(munge, { mode: 0o755 })
  fs.writeFileSync(path.join(munge, 'key'), randomBytes(1024), { mode: 0o400 })
  const host = os.hostname().split('.')[0]
  const port = 20_000 + (process.pid % 20_000)
  fs.writeFileSync(
    at('slurm.conf'),
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmctldPort=${port}
SlurmdPort=${port + 1}
AuthType=auth/munge
AuthInfo=socket=${munge}/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('log/slurmctld')}
SlurmdLogFile=${at('log/slurmd')}
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
  )
  try {
    started.push('munged')
    run(
      'munged',
      ...['--force', `--key-file=${munge}/key`, `--socket=${munge}/socket`, `--pid-file=${at('munged.pid')}`],
      ...[`--log-file=${munge}/log`, `--seed-file=${munge}/seed`],
    )
    started.push('slurmctld')
    run('slurmctld', '-i', '-f', at('slurm.conf'))
    started.push('slurmd')
    run('slurmd', '-f', at('slurm.conf'))
    while (!run('sinfo', '-h', '-o', '%T').includes('idle')) await delay(200)
  } catch (error) {
    stop()
    throw error
  }
  return { run, stop }
}
