-- Narrower than 20 bits, what was saved anew slips through; wider than 40, the word of a sender (four bits more) would come near
-- the distance at which a person only looks.
alter table matching_threshold drop constraint matching_threshold_radius_check;
alter table matching_threshold add constraint matching_threshold_radius_check check (radius between 20 and 40);
