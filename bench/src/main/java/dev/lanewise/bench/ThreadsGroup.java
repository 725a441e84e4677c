package dev.lanewise.bench;

import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a second thread brings, for work from tiny to large; and what handing work over costs. Peers
 * run on as many threads as ours.
 */
final class ThreadsGroup implements Group {
    /** Two chunks on two threads, right after another such run: the pool's threads still spin. */
    static final String HOT_HAND_OVER = "handover/2";

    /** The same after a pause, in which they have parked: the operating system wakes one. */
    static final String PARKED_HAND_OVER = "handover-parked/2";

    private static final List<String> WORKS =
            List.of(
                    HOT_HAND_OVER,
                    PARKED_HAND_OVER,
                    "gemm/16",
                    "gemm/32",
                    "gemm/64",
                    "gemm/128",
                    "gemm/256",
                    "gemm/512",
                    "gemm/1024",
                    "conv/1x8x14",
                    "conv/1x64x56",
                    "conv/1x64x56/packed",
                    "conv/8x64x56",
                    "conv/32x32x14",
                    "add/1000",
                    "add/100000",
                    "add/1000000",
                    "gate-passes/1000000",
                    "gate-chain/1000000",
                    "gate-passes/8000000",
                    "gate-chain/8000000",
                    "softmax/32",
                    "softmax/1024");

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public String description() {
        return "operations on one thread and on all: what the others bring, and what a hand-over costs";
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return WORKS;
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        List<Peer> peers = WorkGroup.peers(options);
        List<Rounds.Case> cases = new ArrayList<>();
        for (String work : WORKS) {
            if (!options.includes(work)) {
                continue;
            }
            if (!isHandOver(work)) {
                cases.add(toCase(work, 1, peers));
                cases.add(toCase(work, cores, peers));
            } else if (cores > 1) {
                cases.add(toCase(work, 2, List.of()));
            }
        }
        return Rounds.run(name(), cases, options, options.kernelRunner(name(), limits));
    }

    static boolean isHandOver(String work) {
        return work.equals(HOT_HAND_OVER) || work.equals(PARKED_HAND_OVER);
    }

    private static Rounds.Case toCase(String work, int threads, List<Peer> peers) {
        Map<String, String> parameters = Map.of("work", work, "threads", Integer.toString(threads));
        List<Rounds.Contender> contenders =
                Contenders.vectorAndScalar(ThreadsBenchmark.class, parameters);
        if (isHandOver(work)) {
            contenders.removeIf(c -> c.role() != Rounds.Role.TESTED); // no kernel takes part
        } else {
            contenders.addAll(
                    WorkGroup.peerContenders(
                            Work.parse(peerWork(work)),
                            peers,
                            Map.of(Peer.THREADS_VARIABLE, Integer.toString(threads))));
        }
        return new Rounds.Case(caseName(work, threads), flops(work), 0, 0, threads, contenders);
    }

    /** The work that peers do. */
    static String peerWork(String work) {
        String[] parts = work.split("/");
        return switch (parts[0]) {
            case "gemm" -> "gemm/%1$sx%1$sx%1$s".formatted(parts[1]);
            case "softmax" -> "softmax/%1$sx%1$s".formatted(parts[1]);
            case "gate-passes", "gate-chain" -> "gate/" + parts[1];
            case "conv" -> {
                String[] sizes = parts[1].split("x");
                yield "conv/%1$sx%2$sx%3$sx%3$s-k%2$s-3x3-s1-p1"
                        .formatted(sizes[0], sizes[1], sizes[2]);
            }
            default -> work;
        };
    }

    private static String caseName(String work, int threads) {
        return isHandOver(work) ? work : work + "/threads" + threads;
    }

    private static double flops(String work) {
        String[] parts = work.split("/");
        if (parts[0].equals("gemm")) {
            return 2 * Math.pow(Double.parseDouble(parts[1]), 3);
        }
        if (!parts[0].equals("conv")) {
            return 0;
        }
        String[] sizes = parts[1].split("x");
        double channels = Double.parseDouble(sizes[1]);
        double side = Double.parseDouble(sizes[2]);
        return 2 * Double.parseDouble(sizes[0]) * side * side * channels * channels * 9;
    }

    private static String handOver(String work, Measurement measured) {
        return String.format(
                Locale.ROOT,
                "%-17s a chunk handed over and waited for %s: %.2f us (worst fork %.2f us)",
                work,
                work.equals(HOT_HAND_OVER) ? "right after the last" : "after a pause of 1 ms",
                measured.medianNanos() / 1e3,
                measured.worstNanos() / 1e3);
    }

    @Override
    public List<String> remarks(Report report) {
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, Map<String, Measurement>> cases = report.byCase();
        List<String> remarks = new ArrayList<>();
        Stream.of(HOT_HAND_OVER, PARKED_HAND_OVER)
                .filter(cases::containsKey)
                .forEach(work -> remarks.add(handOver(work, cases.get(work).get("vector"))));
        for (String work : WORKS) {
            if (!isHandOver(work) && cases.containsKey(caseName(work, 1)) && cores > 1) {
                Measurement one = cases.get(caseName(work, 1)).get("vector");
                Measurement all = cases.get(caseName(work, cores)).get("vector");
                remarks.add(
                        String.format(
                                Locale.ROOT,
                                "%-20s %d threads are %.2f times one (worst fork %.2f)",
                                work,
                                cores,
                                one.medianNanos() / all.medianNanos(),
                                one.medianNanos() / all.worstNanos()));
            }
        }
        return remarks;
    }
}
