import { defineConfig } from 'vitest/config'

const report = process.env['HOOKLINE_TEST_REPORT']

export default defineConfig({
  resolve: { conditions: ['hookline-source'] },
  ssr: { resolve: { conditions: ['hookline-source'] } },
  test: {
    include: ['{core,plugins,marketplace,cli,test}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    coverage: { include: ['{core,plugins,marketplace,cli}/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
})
