# share_objects.sh, to be sourced at the root: another clone of the same files compiles nothing anew, nor does Meson after
# CMake. They differ in how they spell the name of a target in a dependency file, which no object depends on.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_IGNOREOPTIONS='-MT -MQ'
