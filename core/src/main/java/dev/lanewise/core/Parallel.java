package dev.lanewise.core;

/**
 * Splits work by its shape, never by the number of threads, so that no bit depends on them; but for
 * {@link #ranges}, {@link #shared} and {@link #isShared}, which are for kernels that promise the
 * same bits for any range.
 */
final class Parallel {
    /** Work on the range {@code from} to {@code to} (exclusive). */
    interface Range {
        void run(long from, long to);
    }

    /** The least elements of a memory-bound operation that are worth a hand-over to a thread. */
    static final long ELEMENTS = 1 << 16;

    private Parallel() {}

    /** Whether work is cut at all. */
    static boolean isCut(long n, long grain) {
        return n > grain;
    }

    /**
     * Whether work whose cuts change no bits is worth cutting: a single thread takes it whole, by a
     * call without a new object.
     */
    static boolean isShared(long n, long grain) {
        return isCut(n, grain) && !isAlone();
    }

    /**
     * Runs pieces of {@code grain}, the last one shorter, on the caller's threads: always the same
     * pieces whatever the number of threads.
     */
    static void pieces(long n, long grain, Range body) {
        if (n <= grain) {
            if (n > 0) {
                body.run(0, n);
            }
            return;
        }
        // At most a billion pieces, again by the shape alone.
        long size = Math.max(grain, n >>> 30);
        int count = Math.toIntExact((n + size - 1) / size);
        Workers.run(count, piece -> body.run(piece * size, Math.min((piece + 1) * size, n)));
    }

    /** Whether the caller's runs use no thread but its own. */
    static boolean isAlone() {
        return Workers.threads() == 1;
    }

    /**
     * Runs ranges whose cuts change no bits: all in one go on a single thread, and otherwise a
     * range for each thread, or {@code parts} where that is more; fewer where they would be shorter
     * than {@code grain}. They are equally long but for the last, which may be shorter.
     */
    static void ranges(long n, long grain, int parts, Range body) {
        long most = isAlone() ? 1 : Math.max(parts, Workers.threads());
        long count = Math.clamp(n / Math.max(1, grain), 1, most);
        pieces(n, Math.max(1, Math.ceilDiv(n, count)), body);
    }

    /**
     * Runs a range for each thread, or fewer, of at least {@code least} items, their lengths no
     * more than one apart; for kernels that promise the same bits for any such range.
     */
    static void shares(long n, long least, Range body) {
        int count = Math.clamp(n / least, 1, Workers.threads());
        Workers.run(count, share -> body.run(share * n / count, (share + 1) * n / count));
    }

    /**
     * Shares items of so many elements among threads; each is computed on its own. A single thread
     * takes all of them in one go.
     */
    static void shared(long items, long elements, Range body) {
        if (items == 0 || elements == 0) {
            return;
        }
        if (areShared(items, elements)) {
            pieces(items, grain(elements), body);
        } else {
            body.run(0, items);
        }
    }

    /** Whether {@link #shared} cuts; else a caller may do without it, and without a new object. */
    static boolean areShared(long items, long elements) {
        return isShared(items, grain(Math.max(1, elements)));
    }

    private static long grain(long elements) {
        return Math.max(1, ELEMENTS / elements);
    }
}
