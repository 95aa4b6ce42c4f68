import { spawn } from 'node:child_process'
import { nodeArguments } from '../../../src/ensemble/server-process.ts'

const SERVER_MAIN = new URL('../../../dist/ensemble/server-main.js', import.meta.url)

/** A server that somebody brought back after its process had ended. */
export interface HandServer {
  /** Ends it and waits until it is gone; safe when it is already. */
  stop(): Promise<void>
}

/** @param config the path of its zoo.cfg */
export function startServerByHand(config: string): HandServer {
  const child = spawn(process.execPath, [...nodeArguments(SERVER_MAIN), config], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
