package dev.lanewise.bench;

import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Works at the sizes that matter, vector against scalar and, where asked for, against the peers on
 * the class path.
 */
final class WorkGroup implements Group {
    private final String name;
    private final String description;
    private final List<String> works;

    WorkGroup(String name, String description, String... works) {
        this.name = name;
        this.description = description;
        this.works = List.of(works);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Measurement> measure(BenchOptions options) throws Exception {
        List<Peer> peers = options.peers() ? Peer.all() : List.of();
        if (options.peers() && peers.isEmpty()) {
            System.err.println(
                    "bench: no peer on the class path; bench/run --peers builds with the profile 'peers'");
        }
        List<Rounds.Case> cases = new ArrayList<>();
        for (String id : works) {
            if (options.includes(id)) {
                cases.add(toCase(Work.parse(id), peers));
            }
        }
        return Rounds.run(name, cases, options, options.kernelRunner(name));
    }

    private static Rounds.Case toCase(Work work, List<Peer> peers) {
        List<Rounds.Contender> contenders = new ArrayList<>();
        contenders.add(contender(work, "vector", WorkBenchmark.OURS, "-Dlanewise.kernels=vector"));
        contenders.add(contender(work, "scalar", WorkBenchmark.OURS, "-Dlanewise.kernels=scalar"));
        for (Peer peer : peers) {
            if (peer.supports(work)) {
                contenders.add(
                        contender(
                                work,
                                peer.name(),
                                peer.name(),
                                "--enable-native-access=ALL-UNNAMED"));
            }
        }
        return new Rounds.Case(work.id(), work.flops(), work.bytes(), contenders);
    }

    private static Rounds.Contender contender(
            Work work, String implementation, String by, String jvmArgument) {
        return new Rounds.Contender(
                implementation,
                WorkBenchmark.class,
                Map.of("work", work.id(), "by", by),
                List.of(jvmArgument),
                !by.equals(WorkBenchmark.OURS));
    }
}
