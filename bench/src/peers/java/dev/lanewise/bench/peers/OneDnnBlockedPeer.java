package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.ConvolutionWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.TransposedConvolutionWork;
import dev.lanewise.bench.work.Work;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * oneDNN's convolutions without the conversions from and to NCHW: what they cost between layers
 * that all keep its own layout. Not the same work as ours, so for information only.
 */
public final class OneDnnBlockedPeer implements Peer {
    private final List<Object> alive = new ArrayList<>();

    @Override
    public String name() {
        return "onednn-blocked";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof ConvolutionWork || work instanceof TransposedConvolutionWork;
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        engine cpu = new engine(engine.kind.cpu, 0);
        stream queue = new stream(cpu);
        alive.add(cpu);
        alive.add(queue);
        OneDnnConvolution convolution = new OneDnnConvolution(cpu, queue, alive, false);
        return work instanceof TransposedConvolutionWork transposed
                ? convolution.prepare(transposed, data)
                : convolution.prepare((ConvolutionWork) work, data);
    }
}
