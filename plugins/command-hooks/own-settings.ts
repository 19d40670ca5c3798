import { mergeValues, type SettingsLayer, type SettingsLayers } from 'hookline'

/** True for a layer that comes with a project, and so may not decide about its own trust. */
export function isOfProject(layer: SettingsLayer): boolean {
  return layer.name.startsWith('project')
}

/** A setting as everybody but the project has it. */
export function ownValue(layers: SettingsLayers, key: string): unknown {
  return layers
    .active()
    .filter((layer) => !isOfProject(layer) && Object.hasOwn(layer.values, key))
    .map((layer) => layer.values[key])
    .reduce<unknown>(mergeValues, undefined)
}
