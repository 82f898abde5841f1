# Source before training on a CPU: keep freed memory (twice as fast) and use both cores.
export MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=1073741824
export OMP_NUM_THREADS=${THREADS:-$(nproc)}
