// UserPromptSubmit: stops a prompt that holds a key, and gives back the same prompt without it.
// A hook cannot change a prompt, so it is refused, and the reason is what can be sent instead.

/** What is taken out, and what is put in its place. Keys whose issuers made them easy to tell. */
const kinds = [
  [/\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, 'AWS_ACCESS_KEY_ID'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g, 'GITHUB_TOKEN'],
  [/\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g, 'GITHUB_TOKEN'],
  [/\bglpat-[A-Za-z0-9_-]{20,64}/g, 'GITLAB_TOKEN'],
  [/\bsk-ant-[a-z]+\d\d-[A-Za-z0-9_-]{80,120}/g, 'ANTHROPIC_API_KEY'],
  [/\bsk-[A-Za-z0-9_-]{0,120}T3BlbkFJ[A-Za-z0-9_-]{16,200}/g, 'OPENAI_API_KEY'],
  [/\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, 'GOOGLE_API_KEY'],
  [/\bxox[abeoprs]-(?:\d+-){1,3}[A-Za-z0-9-]{16,}/g, 'SLACK_TOKEN'],
  [/\b[sr]k_live_[A-Za-z0-9]{20,250}\b/g, 'STRIPE_KEY'],
  [/\bnpm_[A-Za-z0-9]{36}\b/g, 'NPM_TOKEN'],
  [
    /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{40,}(?:-----END [A-Z0-9 ]{0,60}-----)?/g,
    'PRIVATE_KEY',
  ],
  // A password in an address: only that is taken out.
  [/(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/@${}<>]{3,200}(?=@)/g, 'PASSWORD'],
]

/** Documentation is full of keys that open nothing. */
const isExample = (key) => /EXAMPLE|example|x{6,}|\*{3,}|^password$|^secret$/i.test(key)

export default function promptKeys({ prompt }) {
  const names = new Set()
  let clean = prompt
  for (const [expression, name] of kinds) {
    clean = clean.replace(expression, (key) => {
      if (isExample(key)) return key
      names.add(name)
      return `$${name}`
    })
  }
  if (names.size === 0) return undefined
  const found = [...names].join(', ')
  const reason = `The prompt holds a key (${found}) and was not sent. Put it into the environment, and send:\n\n${clean}`
  return { decision: 'block', reason }
}
