#!/usr/bin/env bash
# Proves that a stranger's project finds the library. Exit status 77: a tool is not installed.
#   consumer.sh package|compiled|subdirectory|meson|pkgconfig COKINO_SOURCE SCRATCH CXX
set -euo pipefail

mode=$1 source=$(realpath "$2") scratch=$3 cxx=$4
here=$source/tests/install
rm -rf "$scratch"
mkdir -p "$scratch"
scratch=$(realpath "$scratch")

need() {
    command -v "$1" >/dev/null || { echo "skipped: $1 is not installed"; exit 77; }
}
configure() { # SOURCE BUILD OPTION...
    cmake -S "$1" -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" --log-level=WARNING "${@:3}"
}
install_to() {
    configure "$source" "$scratch/cokino" -DCOKINO_BUILD_TESTS=OFF -DCOKINO_BUILD_EXAMPLES=OFF \
        -DCOKINO_BUILD_BENCHMARKS=OFF "${@:2}"
    cmake --build "$scratch/cokino"
    cmake --install "$scratch/cokino" --prefix "$1" >/dev/null
}

case $mode in
    package)
        install_to "$scratch/prefix"
        # Moved after the installation: nothing in the package may remember the place.
        mv "$scratch/prefix" "$scratch/moved"
        configure "$here/package" "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/moved" \
            -DCOKINO_INCLUDE="$scratch/moved/include"
        cmake --build "$scratch/build"
        "$scratch/build/consumer"
        "$scratch/build/two_units"
        if configure "$here/package" "$scratch/newer" -DCMAKE_PREFIX_PATH="$scratch/moved" \
            -DCOKINO_WANTED=0.2 >/dev/null 2>&1; then
            echo "version 0.2 was asked for and another accepted"
            exit 1
        fi
        ;;
    compiled)
        install_to "$scratch/prefix" -DCOKINO_SEPARATE_COMPILATION=ON
        configure "$here/package" "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
            -DCOKINO_INCLUDE="$scratch/prefix/include" -DCOKINO_TARGET=cokino::compiled
        cmake --build "$scratch/build"
        "$scratch/build/consumer"
        "$scratch/build/two_units"
        ;;
    subdirectory)
        configure "$here/subdirectory" "$scratch/build" -DCOKINO_SOURCE="$source"
        cmake --build "$scratch/build"
        "$scratch/build/consumer"
        if [ "$(find "$scratch/build" -name '*.o' | wc -l)" -ne 1 ]; then
            echo "a user's build compiles more than the user's file"
            exit 1
        fi
        ;;
    meson)
        need meson
        cp -r "$here/meson" "$scratch/project" # header-only is what the other modes prove
        mkdir "$scratch/project/subprojects"
        ln -s "$source" "$scratch/project/subprojects/cokino"
        cp "$here/consumer.cpp" "$scratch/project"
        CXX=$cxx meson setup "$scratch/build" "$scratch/project" >/dev/null
        ninja -C "$scratch/build"
        "$scratch/build/consumer"
        ;;
    pkgconfig)
        need pkg-config
        install_to "$scratch/prefix"
        export PKG_CONFIG_PATH=$scratch/prefix/share/pkgconfig
        # shellcheck disable=SC2046 # the flags are words
        "$cxx" -std=c++20 "$here/consumer.cpp" -o "$scratch/consumer" $(pkg-config --cflags --libs cokino)
        "$scratch/consumer"
        ;;
    *) echo "unknown mode $mode" >&2; exit 2 ;;
esac
echo "consumer $mode: built and ran"
