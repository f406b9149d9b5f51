# What Holoscope is measured against (`npm run build:native -- --bench`): llama.cpp's own llama-mtmd-cli and llama-server,
# compiled from the very same sources, none of them changed, and linked to the same prebuilt libraries as the addon. Their
# common part, libllama-common, is among the prebuilt libraries. Not for Windows: there libllama-common's C++ functions
# would need an import library of their own.
if(WIN32)
  message(FATAL_ERROR "The benchmark's programs are built on Linux and macOS only.")
endif()

set(UPSTREAM_INCLUDES
  ${LLAMA_SOURCE}/tools/mtmd ${LLAMA_SOURCE}/common ${LLAMA_SOURCE}/include ${LLAMA_SOURCE}/ggml/include
  ${LLAMA_SOURCE}/vendor ${LLAMA_SOURCE}/vendor/nlohmann)

file(GLOB UPSTREAM_MTMD CONFIGURE_DEPENDS ${LLAMA_SOURCE}/tools/mtmd/*.cpp ${LLAMA_SOURCE}/tools/mtmd/models/*.cpp)
list(FILTER UPSTREAM_MTMD EXCLUDE REGEX "/(mtmd-cli|deprecation-warning)\\.cpp$")
add_library(upstream-mtmd OBJECT ${UPSTREAM_MTMD} ${HASH_SOURCES})
target_include_directories(upstream-mtmd SYSTEM PRIVATE $<TARGET_PROPERTY:mtmd,INCLUDE_DIRECTORIES>)

add_library(upstream-mtmd-cli OBJECT ${LLAMA_SOURCE}/tools/mtmd/mtmd-cli.cpp)
target_include_directories(upstream-mtmd-cli SYSTEM PRIVATE ${UPSTREAM_INCLUDES})

# The server's web page is left out: the embedding tool, given no folder, writes an empty list of files.
set(UI_FILES ${CMAKE_CURRENT_BINARY_DIR}/ui)
file(MAKE_DIRECTORY ${UI_FILES})
add_executable(upstream-ui-embed ${LLAMA_SOURCE}/tools/ui/embed.cpp)
add_custom_command(OUTPUT ${UI_FILES}/ui.cpp ${UI_FILES}/ui.h
  COMMAND upstream-ui-embed ${UI_FILES}/ui.cpp ${UI_FILES}/ui.h DEPENDS upstream-ui-embed VERBATIM)
file(GLOB UPSTREAM_SERVER CONFIGURE_DEPENDS ${LLAMA_SOURCE}/tools/server/*.cpp)
add_library(upstream-server OBJECT ${UPSTREAM_SERVER} ${UI_FILES}/ui.cpp ${UI_FILES}/ui.h)
target_include_directories(upstream-server SYSTEM PRIVATE ${UPSTREAM_INCLUDES} ${LLAMA_SOURCE}/tools/server ${UI_FILES})

foreach(target upstream-mtmd upstream-mtmd-cli upstream-server)
  # libllama-common is built with it, and it changes the layout of some of its types.
  target_compile_definitions(${target} PRIVATE LLAMA_SUBPROCESS)
  target_compile_options(${target} PRIVATE -w) # upstream's warnings are not ours to fix
endforeach()

foreach(entry IN LISTS VARIANTS)
  string(REPLACE "|" ";" entry "${entry}")
  list(POP_FRONT entry variant bins)
  holoscope_libraries(${bins} libraries)
  file(GLOB common ${bins}/libllama-common.so ${bins}/libllama-common.dylib)
  if(NOT common)
    message(FATAL_ERROR "There is no libllama-common in ${bins}.")
  endif()
  foreach(program mtmd-cli server)
    set(target llama-${program}-${variant})
    add_executable(${target} $<TARGET_OBJECTS:upstream-${program}> $<TARGET_OBJECTS:upstream-mtmd>)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME llama-${program})
    holoscope_link(${target} "${common};${libraries}" "${entry}" ${OUTPUT}/${variant})
  endforeach()
endforeach()
