/** The one prompt that the script has a tour for; it answers every other one with what it is. */
export const demoPrompt = 'Show me what hookline does.'
