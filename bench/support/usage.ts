/** What a process uses, as Linux counts it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  return fromStatus(pid, 'VmRSS');
}

/** The most that was ever resident, in MB. */
export function peakMb(pid: number): number {
  return fromStatus(pid, 'VmHWM');
}

function fromStatus(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
}

/** Seconds of processor time since the process started, all threads together. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Start watching. @returns asked later: how many cores the process kept busy since, 0.5 = half of one */
export function watchCpu(pid: number): () => number {
  const before = cpuSeconds(pid);
  const startedAt = performance.now();
  return () => ((cpuSeconds(pid) - before) / (performance.now() - startedAt)) * 1_000;
}

/** The same of all processes that `pid` has started and that still run when it is asked. */
export function watchChildrenCpu(pid: number): () => number {
  const before = childrenCpu(pid);
  const startedAt = performance.now();
  return () => {
    let used = 0;
    for (const [child, seconds] of childrenCpu(pid)) used += seconds - (before.get(child) ?? 0);
    return (used / (performance.now() - startedAt)) * 1_000;
  };
}

/** Seconds of each that runs. */
function childrenCpu(pid: number): Map<number, number> {
  const seconds = new Map<number, number>();
  for (const child of childrenOf(pid)) {
    try {
      seconds.set(child, cpuSeconds(child));
    } catch {
      // it has just ended
    }
  }
  return seconds;
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

/** @returns undefined of one that has just ended */
function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
