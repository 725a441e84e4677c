package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;

/** Calls every row of the table once; run in a JVM of its own, which logs the classes it loads. */
public final class FirstCalls {
    static final String READY = "the kernels are ready";
    private static final int SIZE = 19;

    private FirstCalls() {}

    /** Prints {@link #READY} before the first call and a line before each one. */
    public static void main(String[] args) {
        Kernels kernels = Kernels.active();
        System.out.println(READY);
        for (KernelRow row : KernelTable.rows()) {
            try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
                Runnable call = row.prepare(kernels, SIZE, memory);
                System.out.println("first call of " + row.id());
                call.run();
            }
        }
    }
}
