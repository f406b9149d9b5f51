// Windows only: Node-API functions are exported by the running executable, which is node.exe, electron.exe or
// Holoscope.exe. The addon asks for "NODE.EXE"; this hook hands it whatever program is running.
#if defined(_WIN32)

#include <windows.h>

#include <delayimp.h>

#include <cstring>

static FARPROC WINAPI resolve_executable(unsigned int event, DelayLoadInfo * info) {
    if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) {
        return nullptr;
    }
    return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

extern "C" const PfnDliHook __pfnDliNotifyHook2 = resolve_executable;

#endif
