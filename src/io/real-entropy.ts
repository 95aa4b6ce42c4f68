import { randomFillSync } from 'node:crypto'
import type { Entropy } from '../kernel/ports.ts'

export class RealEntropy implements Entropy {
  fill(bytes: Uint8Array): void {
    randomFillSync(bytes)
  }
}
