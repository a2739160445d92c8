import * as fs from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { REINSTALL, ownCommand } from '../files/program'
import type { Context } from './context'
import { WHEEL_VERSION } from './sources'
import { TF_CONFIG } from './tf-config'
import { findTool, runTool } from './tools'
import { AGAIN, RuntimeError } from './types'

const require = createRequire(import.meta.url)
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc', 'quiet.cc', 'options.cc']

/** Counts the ways in which bindings have been made: one that was made in an earlier way is made anew. */
export const RECIPE = 3

// TensorFlow 2.21 seen from C logs everything to standard error, whatever TF_CPP_MIN_LOG_LEVEL says (it is
// read by Python's start-up only). This makes the variable count again; in a library that has no such
// function it does nothing.
const QUIET = `#include <cstdlib>
#ifdef __linux__
extern "C" void SetMinLogLevel(int)
    __asm__("_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE") __attribute__((weak));
namespace {
struct Quiet {
  Quiet() {
    const char *level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
    if (SetMinLogLevel && level) SetMinLogLevel(std::atoi(level));
  }
} quiet;
}
#endif
`

// What TensorFlow is told when the binding makes a session (of a recorded step) or its context (of single operations):
// a ConfigProto, TF_CONFIG in hexadecimal digits for both, since the devices of a process are shared among them.
// Sessions leave a graph as it was recorded, too. TensorFlow's optimiser of whole graphs (Grappler) takes most of the
// time from a graph's loading to its first run, more than in proportion to its size, and steps that are recorded here
// run no faster for it: graph_options { rewrite_options { disable_meta_optimizer: true } }.
// The binding's own calls come here (see the macros below).
const OPTIONS = `#undef TF_NewSessionOptions
#undef TFE_NewContextOptions
#include <cstdlib>
#include <string>
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
namespace {
std::string GivenConfig() {
  std::string config;
  const char *digits = std::getenv("${TF_CONFIG}");
  for (; digits && digits[0] && digits[1]; digits += 2)
    config.push_back(static_cast<char>(std::stoi(std::string(digits, 2), nullptr, 16)));
  return config;
}
}
extern "C" TF_SessionOptions *LabSessionOptions() {
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Status *status = TF_NewStatus();
  const char unoptimised[] = {0x52, 5, 0x52, 3, '\\x98', 1, 1};
  const std::string config = std::string(unoptimised, sizeof unoptimised) + GivenConfig();
  TF_SetConfig(options, config.data(), config.size(), status);
  TF_DeleteStatus(status);
  return options;
}
extern "C" TFE_ContextOptions *LabContextOptions() {
  TFE_ContextOptions *options = TFE_NewContextOptions();
  TF_Status *status = TF_NewStatus();
  const std::string config = GivenConfig();
  if (!config.empty()) TFE_ContextOptionsSetConfig(options, config.data(), config.size(), status);
  TF_DeleteStatus(status);
  return options;
}
`

export function findCompiler(context: Context): string | null {
  const asked = context.env.CXX ? [context.env.CXX] : []
  return findTool([...asked, 'g++', 'c++', 'clang++'], context.env, context.platform)
}

/** A binding that the packaged application brought along, built for the wheel's version. */
export function prebuiltBinding(context: Context, version: string): string | null {
  if (!context.resourcesPath || version !== WHEEL_VERSION) return null
  const name = `${context.platform}-${context.arch}-tf${version}`
  const file = path.join(context.resourcesPath, 'binding', name, 'tfjs_binding.node')
  return existsSync(file) ? file : null
}

const carriesBinding = (context: Context): boolean => prebuiltBinding(context, WHEEL_VERSION) !== null

/** Whether a binding for any version can be made: a packaged application comes without the headers. */
export const canCompile = (context: Context): boolean =>
  findCompiler(context) !== null && (!carriesBinding(context) || isInstalled('node-api-headers'))

export const noCompiler = (): RuntimeError =>
  new RuntimeError(
    "No C++ compiler (g++ or clang++) was found; TensorFlow.js's native binding has to be compiled once.",
    'Install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install), ' +
      `then ${AGAIN}.`,
  )

/** Puts a binding for the libraries in `<folder>/lib` at the returned path: the packaged one, or one compiled now. */
export async function makeBinding(
  context: Context,
  folder: string,
  headers: string,
  libraries: string[],
  version: string,
): Promise<string> {
  const target = path.join(folder, 'binding', 'tfjs_binding.node')
  await fs.mkdir(path.dirname(target), { recursive: true })
  const prebuilt = prebuiltBinding(context, version)
  if (prebuilt) {
    await fs.copyFile(prebuilt, target)
    return target
  }
  if (carriesBinding(context) && !isInstalled('node-api-headers')) {
    throw new RuntimeError(
      `This application carries a binding for TensorFlow ${WHEEL_VERSION} only, ` +
        `and this is ${version || 'of unknown version'}.`,
      `Point at a TensorFlow ${WHEEL_VERSION}, or let the lab get it: ${ownCommand('runtime install')}.`,
      { badInput: true },
    )
  }
  const compiler = findCompiler(context)
  if (!compiler) throw noCompiler()
  if (!existsSync(path.join(headers, 'tensorflow', 'c', 'eager', 'c_api.h'))) {
    throw new RuntimeError(
      `TensorFlow's C headers are missing: no tensorflow/c/eager/c_api.h in ${headers}.`,
      `Point at a complete installation: ${ownCommand('runtime use PATH')}.`,
      { badInput: true },
    )
  }
  context.onProgress({ stage: 'compiling', message: "Compiling TensorFlow.js's native binding" })
  // Copied out first: in a packaged application the sources lie in an archive that only Node can read.
  const source = path.join(folder, 'src')
  await fs.mkdir(source)
  const binding = path.join(packageFolder('@tensorflow/tfjs-node-gpu'), 'binding')
  for (const name of await fs.readdir(binding)) {
    await fs.copyFile(path.join(binding, name), path.join(source, name))
  }
  await fs.writeFile(path.join(source, 'quiet.cc'), QUIET)
  await fs.writeFile(path.join(source, 'options.cc'), OPTIONS)
  const mac = context.platform === 'darwin'
  const shared = mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-fPIC', '-shared']
  const origin = mac ? '@loader_path' : '$ORIGIN'
  const { code, output } = await runTool(
    compiler,
    [
      ...['-std=c++17', '-O2', ...shared, '-DNAPI_VERSION=8'],
      ...['-DTF_NewSessionOptions=LabSessionOptions', '-DTFE_NewContextOptions=LabContextOptions'],
      ...['-I', path.join(packageFolder('node-api-headers'), 'include'), '-I', headers, '-I', source],
      ...SOURCES.map((name) => path.join(source, name)),
      ...['-o', target],
      ...libraries.map((name) => path.join(folder, 'lib', name)),
      `-Wl,-rpath,${origin}/../lib`,
    ],
    { env: context.env, signal: context.signal },
  )
  await fs.rm(source, { recursive: true, force: true })
  if (code !== 0) {
    const line =
      output.split('\n').find((text) => /error|No space left/i.test(text)) ?? output.trim().split('\n')[0]
    throw new RuntimeError(
      `${path.basename(compiler)} could not compile TensorFlow.js's native binding: ${line?.trim()}`,
      'The C++ compiler must support C++17 (g++ 9 or newer); choose another by the environment variable CXX.',
    )
  }
  return target
}

function isInstalled(name: string): boolean {
  try {
    packageFolder(name)
    return true
  } catch {
    return false
  }
}

function packageFolder(name: string): string {
  try {
    return path.dirname(require.resolve(`${name}/package.json`))
  } catch (cause) {
    throw new RuntimeError(`The package ${name} is not installed.`, REINSTALL, { cause })
  }
}
