import type { AnyPlugin } from 'hookline'
import { agentsMd } from 'hookline/plugins/agents-md'
import { approvalPolicy } from 'hookline/plugins/approval-policy'
import { authApiKey } from 'hookline/plugins/auth-api-key'
import { commandHooks } from 'hookline/plugins/command-hooks'
import { configFiles, type ConfigFilesOptions } from 'hookline/plugins/config-files'
import { environmentContext } from 'hookline/plugins/environment-context'
import { instructionsBase } from 'hookline/plugins/instructions-base'
import { mcpClient } from 'hookline/plugins/mcp-client'
import { isolateHost } from 'hookline/plugins/isolate-host'
import { modelCatalog } from 'hookline/plugins/model-catalog'
import { modelOffline } from 'hookline/plugins/model-offline'
import { modelResponses } from 'hookline/plugins/model-responses'
import { notify } from 'hookline/plugins/notify'
import { pluginLoader } from 'hookline/plugins/plugin-loader'
import { sandboxBwrap } from 'hookline/plugins/sandbox-bwrap'
import { sandboxNone } from 'hookline/plugins/sandbox-none'
import { sessionsStore } from 'hookline/plugins/sessions-store'
import { toolApplyPatch } from 'hookline/plugins/tool-apply-patch'
import { toolAskUser } from 'hookline/plugins/tool-ask-user'
import { toolShell } from 'hookline/plugins/tool-shell'
import { toolViewImage } from 'hookline/plugins/tool-view-image'

/** The built-in plugins in their order, which breaks ties between taps of one stage. */
export function builtins(config: ConfigFilesOptions): readonly AnyPlugin[] {
  return [
    configFiles(config), // reads settings, so it comes first
    pluginLoader, // brings more plugins, by what was read
    modelCatalog,
    authApiKey,
    modelResponses,
    modelOffline,
    sandboxBwrap,
    sandboxNone,
    approvalPolicy, // its permissions part stands before the context of the user
    toolShell,
    toolApplyPatch,
    toolViewImage,
    toolAskUser,
    mcpClient,
    instructionsBase,
    agentsMd, // before the environment: a model reads both in one message
    environmentContext,
    isolateHost, // runs the scripts of hooks
    commandHooks,
    sessionsStore,
    notify,
  ]
}
